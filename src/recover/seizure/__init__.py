"""What is seized: the plan, the unsigned transaction that is held against it, and custody. No key is ever here."""
