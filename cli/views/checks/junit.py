"""JUnit XML: a test suite for each file, a test case for each gradient, claim and error.

Only what the common readers know is used. ASCII throughout, the rest as character references:
the report stays legal XML in whatever encoding it is written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from autodiff.findings import fails
from autodiff.source import printable
from cli.views.checks.entries import entries, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.findings import Finding
    from autodiff.report import FileResult


def render(results: Sequence[FileResult], *, strict: bool) -> str:
    """One document. Times are those of the files: what a single claim took is not known."""
    suites = [_suite(result, strict) for result in results]
    total = {
        key: str(sum(int(suite.attrib[key]) for suite in suites))
        for key in ("tests", "failures", "errors", "skipped")
    }
    total["time"] = _time(sum(result.seconds for result in results))
    root = ElementTree.Element("testsuites", {"name": "gradpath", **total})
    root.extend(suites)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(result: FileResult, strict: bool) -> ElementTree.Element:
    path = printable(result.path)
    cases = [_case(path, finding, strict) for finding in entries(result)]
    if result.status == "nothing":
        case = ElementTree.Element("testcase", classname=path, name="nothing to check")
        ElementTree.SubElement(case, "skipped", message="the file has nothing to check")
        cases.append(case)
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    listed = {key: str(count) for key, count in counts.items()}
    suite = ElementTree.Element(
        "testsuite", {"name": path, **listed, "time": _time(result.seconds)}
    )
    suite.extend(cases)
    return suite


def _case(path: str, finding: Finding, strict: bool) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=path, name=printable(title(finding)))
    message = printable(finding.message)
    if fails(finding, strict=strict):
        tag = "error" if finding.outcome == "error" else "failure"
        said = ElementTree.SubElement(case, tag, message=message, type=finding.rule)
        place = printable(finding.path)
        if finding.line is not None:
            place += f":{finding.line}" + (f":{finding.column}" if finding.column else "")
        rows = [f"  {row}" for row in finding.excerpt] + [printable(d) for d in finding.details]
        said.text = "\n".join([f"{place}: {message}", *rows])
    elif finding.outcome == "doubtful":
        ElementTree.SubElement(case, "system-out").text = message
    return case


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
