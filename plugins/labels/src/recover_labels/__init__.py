"""Labels: TagPack YAML, CSV lists, OFAC lists; the register of services."""
