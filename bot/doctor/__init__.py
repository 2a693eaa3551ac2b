"""`digmbot doctor`: looks at everything the bot leans on, and says what is wrong and what to do about it."""
