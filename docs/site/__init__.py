"""What mkdocs makes beside the pages of ``docs/``: notebooks, commands, reference, gallery."""
