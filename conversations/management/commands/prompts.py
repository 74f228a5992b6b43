"""``manage.py prompts export|import|check``: for those who keep their prompts in git."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.text import slugify

from conversations.models import PromptTemplate
from conversations.prompt_errors import PromptError
from conversations.transfer.document import Document, document_read
from conversations.transfer.services import template_export, template_import, templates_named


class Command(BaseCommand):
    """Writes templates to files and reads them back; a broken file changes nothing."""

    help = "Export prompt templates as files, import them, or check files without importing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        export = deeds.add_parser("export", help="write templates to files")
        export.add_argument("names", nargs="*", help="templates; all if none is named")
        export.add_argument("--folder", type=Path, help="where to; one template goes to stdout")
        bring = deeds.add_parser("import", help="read templates from files, all or none")
        bring.add_argument("files", nargs="+", type=Path)
        bring.add_argument(
            "--replace",
            action="store_true",
            help="put the file's draft and cases in place of those that differ",
        )
        check = deeds.add_parser("check", help="say what is wrong with files")
        check.add_argument("files", nargs="+", type=Path)

    def handle(self, **options: object) -> None:
        match options:
            case {"deed": "export", "names": list(names), "folder": folder}:
                self._export(names, folder if isinstance(folder, Path) else None)
            case {"deed": "import", "files": list(files), "replace": bool(replace)}:
                self._import(files, replace=replace)
            case {"files": list(files)}:
                for document in _documents(files):
                    self.stdout.write(f"“{document.name}” is sound.")

    def _export(self, names: list[str], folder: Path | None) -> None:
        try:
            templates = templates_named(names)
        except PromptTemplate.DoesNotExist as fault:
            raise CommandError("There is no such template.") from fault
        if folder is None:
            if len(templates) != 1:
                raise CommandError("Name one template, or a --folder for many.")
            self.stdout.write(template_export(templates[0]), ending="")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for template in templates:
            name = slugify(template.name, allow_unicode=True) or f"template-{template.pk}"
            path = folder / f"{name}.json"
            path.write_text(template_export(template), encoding="utf-8")
            self.stdout.write(str(path))

    @transaction.atomic
    def _import(self, files: list[Path], *, replace: bool) -> None:
        for path, document in zip(files, _documents(files), strict=True):
            try:
                template = template_import(document, replace=replace)
            except PromptError as fault:
                raise CommandError(f"{path}: {fault.explanation}") from fault
            except ValidationError as fault:
                raise CommandError(f"{path}: {'; '.join(fault.messages)}") from fault
            live = template.live.label if template.live else "nothing"
            self.stdout.write(f"“{template.name}” is here; {live} is live.")


def _documents(files: list[Path]) -> list[Document]:
    """Return what all the files say, or end with every fault that is in them."""
    documents, faults = [], []
    for path in files:
        try:
            documents.append(document_read(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as fault:
            faults.append(f"{path}: {fault}")
        except PromptError as fault:
            faults.append(f"{path}: {fault.explanation}")
    if faults:
        raise CommandError("\n".join(faults))
    return documents
