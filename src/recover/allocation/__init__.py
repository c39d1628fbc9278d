"""Who gets what of a pool: claims that compete, and the rules by which a court may share it. On numbers alone."""
