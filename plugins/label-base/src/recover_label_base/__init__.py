"""A base of labels as data: `base/labels.csv.gz`, and `base/base.toml`, which says what is in it and what not."""

from pathlib import Path

from recover.sdk import Source, Template, plugin


@plugin
def recover_sources() -> list[Source]:
    """The reader of a base that a case pinned."""
    from recover_label_base.reader import LabelBase

    return [LabelBase()]


@plugin
def recover_templates() -> list[Template]:
    """The base itself, in the form in which a case pins it."""
    return [
        Template(
            id="label-base",
            kind="register",
            version="1",
            title="Base of labels",
            folder=Path(__file__).parent / "base",
        )
    ]
