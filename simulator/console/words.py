"""A group of verbs that answers a slip of the pen with the nearest right word.

Not here: the verbs.
"""

from difflib import get_close_matches

import click


class Suggesting(click.Group):
    """`simulator lood` → did you mean load?"""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"{error.message.rstrip('.')}.{hint}", ctx) from None
