"""Letters: who may send what on which basis, what it says, in which forms, and the life it leads after that."""
