"""What was said, kept and found again: the archive, its indexes, recall for those who may read it."""
