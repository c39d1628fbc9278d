"""The papers of the return: notice to a victim, schedule of allocation, receipt, the case in figures."""
