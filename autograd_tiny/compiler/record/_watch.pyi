from typing import Any

class Watch:
    def __init__(
        self, cells: list[Any], globals: list[Any], views: list[Any], lengths: list[int], elements: list[Any],
        long: list[Any], long_lengths: list[int], missing: Any,
    ) -> None: ...  # fmt: skip
    def same(self) -> bool: ...

def slots_same(slots: list[tuple[Any, str, Any]], missing: object) -> bool: ...
