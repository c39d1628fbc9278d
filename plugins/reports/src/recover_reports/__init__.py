"""The asset-tracing report."""
