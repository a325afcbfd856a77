"""The run store: every training run of every person, in a database.

`store.RunStore` is what pages and commands ask, `writer.RunWriter` the one thread that writes on a server. What they
take and return are the frozen dataclasses of `values`, which workers import too, without SQLAlchemy; so nothing is
imported here.
"""
