"""Pure text work for Discord: what may be sent, and where a long answer is cut."""
