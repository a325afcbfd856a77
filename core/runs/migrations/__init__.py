"""Alembic's folder: how databases of earlier versions become the present one."""
