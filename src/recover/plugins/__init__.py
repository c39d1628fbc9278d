"""Plugins: found and named, pinned by their files' digests, called under guard."""
