"""CASE/UCO: where the evidence came from, and the addresses that it showed, as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from recover.sdk import ExporterInfo, View
from recover.sdk.shareable import Holder, shareable
from recover.sdk.view import ExhibitFacts
from recover_formats.text import case_id, clean, dumps, named, readme, said, stamp

_CONTEXT = {
    "kb": "urn:recover:",
    "recover": "urn:recover:vocabulary:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CaseUco:
    """`case.jsonld`: an investigation, an action that took in each exhibit, its file, and the addresses."""

    info = ExporterInfo(id="case", version="1", title="CASE/UCO", form="CASE 1.4, UCO 1.4, JSON-LD", edition="V2")

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """The graph, and README.txt."""
        shared = shareable(view)
        nodes = [*_frame(view), *(node for one in view.exhibits for node in _exhibit(view, one))]
        nodes += [_address(view, one) for one in shared.holders]
        made = dumps({"@context": _CONTEXT})
        yield "case.jsonld", f'{made[:-1]},"@graph":{dumps(nodes, 1)}}}\n'.encode()
        yield readme(view, shared, "case", (("movements", len(shared.moves)),))


def _id(view: View, kind: str, *parts: str) -> str:
    return f"kb:{kind}-{named(case_id(view), kind, *parts)}"


def _ref(ident: str) -> Node:
    return {"@id": ident}


def _frame(view: View) -> Iterator[Node]:
    agency, tool = _id(view, "organization"), _id(view, "tool")
    yield {"@id": agency, "@type": "uco-identity:Organization", "uco-core:name": clean(view.case.agency)}
    yield {
        "@id": tool,
        "@type": "uco-tool:Tool",
        "uco-core:name": "recover",
        "uco-tool:version": view.version,
    }
    told = {"uco-core:description": f"Journal entry {view.entries}, head {view.head}; rule {view.case.rule}"}
    records = [_ref(_id(view, "provenance", one.digest)) for one in view.exhibits]
    yield {
        "@id": _id(view, "investigation"),
        "@type": "case-investigation:Investigation",
        "uco-core:name": clean(view.case.reference) or "Investigation without a reference",
        **told,
        **({"uco-core:object": records} if records else {}),
    }


def _exhibit(view: View, exhibit: ExhibitFacts) -> Iterator[Node]:
    file, record = _id(view, "file", exhibit.digest), _id(view, "provenance", exhibit.digest)
    yield {
        "@id": file,
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {
                "@id": _id(view, "content", exhibit.digest),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:sizeInBytes": {"@type": "xsd:integer", "@value": str(exhibit.size)},
                "uco-observable:hash": [
                    {
                        "@id": _id(view, "hash", exhibit.digest),
                        "@type": "uco-types:Hash",
                        "uco-types:hashMethod": "SHA256",
                        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": exhibit.digest},
                    }
                ],
            },
        ],
    }
    yield {
        "@id": record,
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": str(exhibit.number),
        "uco-core:description": f"Exhibit {exhibit.number}, {exhibit.method}",
        "uco-core:object": [_ref(file)],
    }
    yield {
        "@id": _id(view, "action", exhibit.digest),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": "taken in as an exhibit",
        "uco-action:endTime": {"@type": "xsd:dateTime", "@value": stamp(exhibit.captured)},
        "uco-action:performer": _ref(_id(view, "organization")),
        "uco-action:instrument": [_ref(_id(view, "tool"))],
        "uco-action:result": [_ref(record), _ref(file)],
    }


def _address(view: View, holder: Holder) -> Node:
    key = (holder.chain, holder.address)
    return {
        "@id": _id(view, "address", *key),
        "@type": "uco-observable:DigitalAddress",
        "uco-core:hasFacet": [
            {
                "@id": _id(view, "address-facet", *key),
                "@type": ["recover:CryptoAddressFacet", "uco-observable:DigitalAddressFacet"],
                "uco-observable:addressValue": holder.address,
                "recover:chain": holder.chain,
                "recover:part": list(holder.parts),
                **({"recover:name": [dumps(said(n, holder.chain)) for n in holder.names]} if holder.names else {}),
            }
        ],
    }
