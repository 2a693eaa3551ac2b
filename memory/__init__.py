"""What was said, kept and found again: the archive, its indexes, recall for those who may read it.

`memory.opening.open_memory` puts the parts together; `memory.recall.Memory` answers questions.
"""
