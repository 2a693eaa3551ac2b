"""The commands about what the bot may do, what that has cost, and how it came about, put together."""

from bot.commands.managing import ServerCommands
from bot.commands.tree import Tree
from bot.commands.usage import usage_command
from bot.commands.why import Why, why_command, why_menu
from bot.policy import PolicyRules
from bot.spending.budget import Budget


def add_governing(tree: Tree, why: Why, policies: PolicyRules, budget: Budget) -> None:
    tree.add_command(why_command(why))
    tree.add_command(why_menu(why))
    tree.add_command(usage_command(budget))
    tree.add_command(ServerCommands(policies=policies, budget=budget))
