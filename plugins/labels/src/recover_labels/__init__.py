"""Labels: TagPack YAML, CSV lists, OFAC lists; the register of services."""

from pathlib import Path

from recover.sdk import Source, Template, plugin


@plugin
def recover_sources() -> list[Source]:
    """The sources of labels. The modules are imported when asked for, so that start-up stays light."""
    from recover_labels.lists import LabelsCsv
    from recover_labels.ofac import Ofac
    from recover_labels.reserves import ExchangeWallets
    from recover_labels.tagpack import TagPack

    return [ExchangeWallets(), LabelsCsv(), Ofac(), TagPack()]


@plugin
def recover_templates() -> list[Template]:
    """The register of services: one TOML file each, read by `recover.sdk.Service`."""
    folder = Path(__file__).parent / "services"
    return [Template(id="services", kind="register", version="1", title="Register of services", folder=folder)]
