"""The operation table: one row per operation, by family."""

from __future__ import annotations

from autodiff.ops.base import Op

__all__ = ["Op"]
