#!/usr/bin/python3
"""Checks one dashboard and writes its queries as recording rules, so that promtool can parse them.

Usage: dashboard.py DASHBOARD.json RULES.yml
"""

import json
import re
import sys


def panels_of(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def overlap(a, b):
    return (a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
            and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"])


def flaws(dashboard):
    variables = {v["name"] for v in dashboard["templating"]["list"]}
    known = variables | {"__rate_interval", "__all"}
    seen, placed = set(), []
    for key in ("uid", "title", "schemaVersion"):
        if not dashboard.get(key):
            yield f"no {key}"
    for panel in panels_of(dashboard):
        name = f"panel {panel['id']} ({panel['title']})"
        if panel["id"] in seen:
            yield f"{name}: its id is used twice"
        seen.add(panel["id"])
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"{name}: wider than the page"
        for other, taken in placed:
            if overlap(place, taken):
                yield f"{name}: lies over {other}"
        placed.append((name, place))
        if panel["type"] == "row":
            continue
        if not panel.get("description"):
            yield f"{name}: says not what it shows"
        if not panel.get("targets"):
            yield f"{name}: has no query"
        if panel["type"] != "heatmap" and not panel["fieldConfig"]["defaults"].get("unit"):
            yield f"{name}: has no unit"
        for target in panel.get("targets", []):
            if target["datasource"]["uid"] != "${datasource}":
                yield f"{name}: asks a fixed data source"
            for variable in re.findall(r"\$\{?(\w+)", target["expr"]):
                if variable not in known:
                    yield f"{name}: unknown variable {variable}"


def queries(dashboard):
    for panel in panels_of(dashboard):
        for target in panel.get("targets", []):
            query = target["expr"].replace("$__rate_interval", "5m")
            yield panel["id"], target["refId"], re.sub(r"\$\{?\w+\}?", "x", query)


def main(source, destination):
    with open(source, encoding="utf-8") as file:
        dashboard = json.load(file)
    found = list(flaws(dashboard))
    rules = [{"record": f"panel:p{panel}:{ref.lower()}", "expr": query} for panel, ref, query in queries(dashboard)]
    with open(destination, "w", encoding="utf-8") as file:
        # JSON is YAML.
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
    for flaw in found:
        print(f"{source}: {flaw}", file=sys.stderr)
    print(f"{source}: {len(rules)} queries")
    return 1 if found or not rules else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
