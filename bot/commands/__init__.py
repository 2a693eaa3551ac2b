"""What people do with slash commands and message menus. Every answer is theirs alone to see."""
