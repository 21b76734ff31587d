"""A group of verbs that answers a slip of the pen with the nearest right word.

Not here: the verbs.
"""

from difflib import get_close_matches

import click


class Suggesting(click.Group):
    """`simulator lood` → did you mean load? `simulator --json status` → put it after the command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = [*args]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            name = next((word for word in given if word in self.commands and self._takes(word, error)), None)
            if name is None:
                raise
            told = f"No such option here: {error.option_name}. Put it after the command: {name} {error.option_name}"
            raise click.UsageError(told, ctx) from None

    def _takes(self, name: str, error: click.NoSuchOption) -> bool:
        """Whether a command, or one of a group of commands, has the option."""
        command = self.commands[name]
        commands = [command, *(command.commands.values() if isinstance(command, click.Group) else ())]
        return any(error.option_name in one.opts for each in commands for one in each.params)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"{error.message.rstrip('.')}.{hint}", ctx) from None
