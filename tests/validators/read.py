"""Read one format's file with its own library, in the validators' environment, and print what that makes of it."""

# ruff: noqa: T201  (a script of the build: what it prints is what it is for)
# mypy: ignore-errors

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path


def stix() -> str:
    import stix2

    bundle = stix2.parse(json.loads(Path("bundle.json").read_text(encoding="utf-8")), allow_custom=True)
    return f"stix2.parse: {type(bundle).__name__} of {len(bundle.objects)} objects"


def misp() -> str:
    """Each object is also built again strictly, from the template that the library bundles."""
    from pymisp import MISPEvent, MISPObject

    event = MISPEvent()
    event.load_file("event.json")
    for one in event.objects:
        again = MISPObject(one.name, strict=True)
        if again.template_uuid != one.template_uuid or str(again.template_version) != str(one.template_version):
            raise SystemExit(f"{one.name}: another template")
        for attribute in one.attributes:
            again.add_attribute(attribute.object_relation, value=attribute.value, type=attribute.type)
        again.to_dict(strict=True)
    kinds = Counter(one.name for one in event.objects)
    return f"MISPEvent.load_file: {dict(kinds)}, each strict against its template"


def ftm() -> str:
    """Each entity is validated, and nothing of it may be lost by the library's own cleaning."""
    from followthemoney import model

    kinds = Counter()
    for line in Path("entities.ftm.json").read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        model[data["schema"]].validate(data)
        kept = model.get_proxy(data).to_dict()["properties"]
        for name, values in data["properties"].items():
            if sorted(values) != sorted(kept.get(name, [])):
                raise SystemExit(f"{data['id']}: {name} was {values}, and is {kept.get(name)}")
        kinds[data["schema"]] += 1
    return f"followthemoney: {dict(kinds)}, valid, nothing cleaned away"


def graphml() -> str:
    import networkx

    return f"networkx.read_graphml: {networkx.read_graphml('graph.graphml')}"


if __name__ == "__main__":
    print({"stix": stix, "misp": misp, "ftm": ftm, "graphml": graphml}[sys.argv[1]]())
