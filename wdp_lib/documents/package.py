"""A run as open data: a Frictionless Data Package with codebook, licence, checksums, a citation.

Every column is described as in `fields.csv`; the same study gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, RISKS, VERDICTS, Column, Contract, conform
from wdp_lib.core.errors import Text
from wdp_lib.core.files import table_text
from wdp_lib.core.office import zipped
from wdp_lib.disclosure.edition import SUPPRESSED
from wdp_lib.documents.sheets import workbook
from wdp_lib.documents.yearbook import yearbook
from wdp_lib.study.yearbook import YEARBOOK

if TYPE_CHECKING:
    from wdp_lib.study import Study

_OWN = ("link_factor", "note")  # columns of observations for those who compute
OPEN_OBSERVATIONS = Contract(
    "open_observations", tuple(one for one in OBSERVATIONS.columns if one.name not in _OWN)
)
OPEN_INDICATORS = Contract(
    "open_indicators",
    """
    indicator name_zh name_en unit data_kind numerator_zh numerator_en denominator_zh denominator_en
    multiplier wording_zh wording_en lead_units
    """,
)
OPEN_AREAS = Contract("open_areas", "area name_zh name_en level parent")
SDMX = Contract(
    "sdmx",
    """
    STRUCTURE STRUCTURE_ID ACTION INDICATOR REF_AREA SEX AGE URBANISATION TIME_PERIOD OBS_VALUE
    NUMERATOR DENOMINATOR UNIT_MEASURE OBS_STATUS CONF_STATUS SOURCE
    """,
)
_TYPES = {"text": "string", "number": "number", "integer": "integer", "truth": "boolean"}
_TITLES = {
    "observations": Text("观测值", "Observations"),
    "sdmx": Text("观测值（SDMX-CSV）", "Observations (SDMX-CSV)"),
    "indicators": Text("指标", "Indicators"),
    "areas": Text("地区", "Areas"),
    "risks": Text("各目标的评估", "Assessment of each target"),
    "verdicts": Text("各主要目标的判定", "Verdict on each goal"),
    "yearbook": Text("年鉴", "Yearbook"),
}
_KEYS = {
    "observations": ["indicator", "area", "sex", "age_group", "residence", "year"],
    "indicators": ["indicator"],
    "areas": ["area"],
    "risks": ["indicator"],
    "verdicts": ["goal"],
}
_REFERS = {"indicator": "indicators", "area": "areas"}
_CODES = {
    "SEX": {"female": "F", "male": "M", "all": "_T"},
    "AGE": {"all": "_T"},
    "URBANISATION": {"urban": "U", "rural": "R", "all": "_T"},
    "OBS_STATUS": {"final": "A", "provisional": "P", "estimated": "E"},
}


def package(study: Study, name: str) -> dict[str, bytes]:
    """Return the files of the package of a study, by name; see `packed` for one file of them.

    ``datapackage.json``, ``data/*.csv`` (UTF-8), ``codebook.csv`` and ``.md``, ``yearbook.xlsx``,
    ``LICENCE.txt``, ``CITATION.cff``, ``SHA256SUMS``.
    """
    tables = open_tables(study)
    files = {f"data/{key}.csv": table_text(t).encode() for key, (_, t) in tables.items()}
    contracts = {key: contract for key, (contract, _) in tables.items()}
    files |= {
        "codebook.csv": table_text(codebook(contracts)).encode(),
        "codebook.md": _codebook_page(contracts).encode(),
        "yearbook.xlsx": workbook(yearbook(study)),
        "LICENCE.txt": f"{study.data.metadata.licence or 'not stated'}\n".encode(),
        "CITATION.cff": _citation(study, name).encode(),
    }
    described = _described(study, name, contracts, files)
    text = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
    files = {"datapackage.json": text.encode(), **files}
    sums = "".join(f"{hashlib.sha256(files[one]).hexdigest()}  {one}\n" for one in sorted(files))
    return files | {"SHA256SUMS": sums.encode()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as one zip, the same bytes for the same files."""
    order = sorted(files, key=lambda one: (one != "datapackage.json", one))
    return zipped({name: files[name] for name in order})


def open_tables(study: Study) -> dict[str, tuple[Contract, pd.DataFrame]]:
    """Return the tables of the package with their contracts, as the edition of the study has them.

    Observations that were replaced are left out; hidden ones are rows without figures.
    """
    rows = study.observations
    rows = rows[rows["used"] | (rows["unused_reason"] == SUPPRESSED)]
    plan, areas = study.plan, study.data.areas
    indicators = pd.DataFrame(
        [
            {
                **{"indicator": i.id, "unit": i.unit, "data_kind": i.data_kind},
                **{"name_zh": i.name.zh, "name_en": i.name.en, "multiplier": i.multiplier},
                **{"numerator_zh": i.numerator.zh, "numerator_en": i.numerator.en},
                **{"denominator_zh": i.denominator.zh, "denominator_en": i.denominator.en},
                **{"wording_zh": i.target.wording.zh, "wording_en": i.target.wording.en},
                "lead_units": ";".join(i.lead_units),
            }
            for i in plan.indicators
        ],
        columns=OPEN_INDICATORS.names,
    )
    made = {
        "observations": (OPEN_OBSERVATIONS, rows),
        "sdmx": (SDMX, _sdmx(rows, study)),
        "indicators": (OPEN_INDICATORS, indicators),
        "areas": (OPEN_AREAS, areas.reindex(columns=OPEN_AREAS.names, fill_value="")),
        "risks": (RISKS, study.risks),
        "verdicts": (VERDICTS, study.verdicts),
        "yearbook": (YEARBOOK, study.yearbook),
    }
    return {key: (contract, conform(table, contract)) for key, (contract, table) in made.items()}


def _sdmx(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    units = {i.id: i.unit for i in study.plan.indicators}
    hidden = rows["value"].isna()
    coded = {
        name: rows[column].map(lambda code, name=name: _CODES[name].get(code, code))
        for name, column in zip(_CODES, ("sex", "age_group", "residence", "status"), strict=True)
    }
    return pd.DataFrame(
        {
            "STRUCTURE": "dataflow",
            "STRUCTURE_ID": f"WDP:{study.plan.id.upper().replace('-', '_')}(1.0)",
            "ACTION": "I",
            "INDICATOR": rows["indicator"],
            "REF_AREA": rows["area"],
            **coded,
            "TIME_PERIOD": rows["year"],
            "OBS_VALUE": rows["value"],
            "NUMERATOR": rows["numerator"],
            "DENOMINATOR": rows["denominator"],
            "UNIT_MEASURE": rows["indicator"].map(units),
            "OBS_STATUS": coded["OBS_STATUS"].mask(hidden, "Q"),  # missing: suppressed
            "CONF_STATUS": np.where(hidden, "N", "F"),  # not for publication, free
            "SOURCE": rows["source"],
        }
    )


def codebook(contracts: Mapping[str, Contract]) -> pd.DataFrame:
    """Return one row a column of each table: what it holds, in which unit, what is allowed."""
    return pd.DataFrame(
        [
            {
                **{"table": key, "column": one.name, "type": _TYPES[one.kind], "unit": one.unit},
                "allowed": "|".join(one.allowed),
                **{"meaning_zh": one.meaning.zh, "meaning_en": one.meaning.en},
            }
            for key, contract in contracts.items()
            for one in contract.columns
        ]
    )


def _codebook_page(contracts: Mapping[str, Contract]) -> str:
    lines = ["# 编码本 · Codebook"]
    for key, contract in contracts.items():
        lines += ["", f"## {key} · {_TITLES[key].zh} · {_TITLES[key].en}", ""]
        lines += ["| column | 含义 | meaning | type | allowed |", "|---|---|---|---|---|"]
        for one in contract.columns:
            allowed = " / ".join(word or '""' for word in one.allowed)
            told = (f"`{one.name}`", one.meaning.zh, one.meaning.en, _TYPES[one.kind], allowed)
            lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines) + "\n"


def _field(one: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": one.name, "type": _TYPES[one.kind]}
    field |= {"title": one.meaning.zh, "description": one.meaning.en}
    if one.allowed:
        field["constraints"] = {"enum": [word for word in one.allowed if word]}
    return field


def _described(
    study: Study, name: str, contracts: Mapping[str, Contract], files: Mapping[str, bytes]
) -> dict[str, Any]:
    metadata, plan = study.data.metadata, study.plan
    resources = []
    for key, contract in contracts.items():
        path = f"data/{key}.csv"
        schema: dict[str, Any] = {"fields": [_field(one) for one in contract.columns]}
        schema["missingValues"] = [""]
        if key in _KEYS:
            schema["primaryKey"] = _KEYS[key]
        refers = [one for one in _REFERS if one in contract.names and key != _REFERS[one]]
        if refers and key == "observations":
            schema["foreignKeys"] = [
                {"fields": one, "reference": {"resource": _REFERS[one], "fields": one}}
                for one in refers
            ]
        resources.append(
            {
                **{"name": key, "path": path, "profile": "tabular-data-resource"},
                **{"title": _TITLES[key].zh, "description": _TITLES[key].en},
                **{"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"},
                "bytes": len(files[path]),
                "hash": f"sha256:{hashlib.sha256(files[path]).hexdigest()}",
                "schema": schema,
            }
        )
    return {
        **{"profile": "tabular-data-package", "name": name, "version": study.as_of},
        "title": f"{plan.title.zh} {study.edition_name}",
        "description": f"{plan.title.en}. {metadata.title.en}. As known on {study.as_of}.",
        "edition": study.edition,
        **({"mark": vars(metadata.mark)} if metadata.simulated else {}),
        "licenses": [{"name": metadata.licence}] if metadata.licence else [],
        "sources": [{"title": metadata.source.zh or metadata.title.zh}],
        "contributors": [{"title": plan.area_name.zh, "role": "publisher"}],
        "resources": resources,
    }


def _citation(study: Study, name: str) -> str:
    """How to cite the package; text is quoted, so that it stays text."""
    metadata = study.data.metadata
    told = {
        "cff-version": "1.2.0",
        "message": "请按此引用。Please cite as below.",
        "type": "dataset",
        "title": f"{study.plan.title.zh}：{metadata.title.zh}",
        "version": study.as_of,
        "identifiers": [{"type": "other", "value": name}],
        "authors": [{"name": study.plan.area_name.zh}],
        **({"license": metadata.licence} if metadata.licence else {}),
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"  # JSON is YAML
