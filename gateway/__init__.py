"""The service: SMPP client, HTTP API, store and scheduler around the pure decisions of `handlers`.

Everything that happens enters by the engine, is judged by `handlers.decide`, and leaves by the outbox. Imports inside
the package run downwards only; only `app` sees the whole configuration. Must not be put here: code.
"""
