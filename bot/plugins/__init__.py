"""The pipeline of plugins: ours and anybody's see what happens, in order, and the first that handles it ends it."""
