"""The journal and everything kept on disk, behind the ports."""
