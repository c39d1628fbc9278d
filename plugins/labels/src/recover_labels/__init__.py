"""Labels: TagPack YAML, CSV lists, OFAC lists, what partners send; the registers of services and of issuers."""

from pathlib import Path

from recover.sdk import Source, Template, plugin


@plugin
def recover_sources() -> list[Source]:
    """The sources of labels. The modules are imported when asked for, so that start-up stays light."""
    from recover_labels.answers import ExchangeAnswer
    from recover_labels.feed import Feed
    from recover_labels.ftm import FollowTheMoney
    from recover_labels.lists import LabelsCsv
    from recover_labels.misp import Misp
    from recover_labels.ofac import Ofac
    from recover_labels.reserves import ExchangeWallets
    from recover_labels.stix import Stix
    from recover_labels.tagpack import TagPack
    from recover_labels.workbook import Workbook

    listed = (
        ExchangeAnswer(),
        ExchangeWallets(),
        Feed(),
        FollowTheMoney(),
        LabelsCsv(),
        Misp(),
        Ofac(),
        Stix(),
        TagPack(),
    )
    return [*listed, Workbook()]


@plugin
def recover_templates() -> list[Template]:
    """The registers: one TOML file each a service, an addressee who can act, an issuer of tokens."""
    here = Path(__file__).parent
    return [
        Template(
            id="services", kind="register", version="1", title="Register of services", folder=here / "services"
        ),
        Template(
            id="addressees",
            kind="register",
            version="1",
            title="Register of addressees",
            folder=here / "addressees",
        ),
        Template(id="issuers", kind="register", version="1", title="Register of issuers", folder=here / "issuers"),
    ]
