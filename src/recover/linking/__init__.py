"""Who is who: labels, assertions and clusters, joined into entities under the policy of a case."""
