"""LitServe's server; run in the environment of LitServe by peers.py: `PORT documented|tuned`."""

import sys
from typing import Any

import litserve
import numpy as np

from benchmarks.rivals.scoring import load_onnx, load_scikit


class Documented(litserve.LitAPI):
    def setup(self, _: str) -> None:
        self.score = load_scikit()

    def decode_request(self, request: dict[str, Any]) -> Any:
        return np.array([request["input"]])

    def predict(self, x: Any) -> Any:
        return self.score(x)

    def encode_response(self, output: Any) -> dict[str, Any]:
        return {"output": output[0].tolist()}


class Tuned(Documented):
    """The same through ONNX, rows that wait scored in one call."""

    def setup(self, _: str) -> None:
        self.score = load_onnx()

    def decode_request(self, request: dict[str, Any]) -> Any:
        return request["input"]

    def batch(self, inputs: list[Any]) -> Any:
        return np.array(inputs, np.float32)

    def unbatch(self, output: Any) -> Any:
        return list(output)

    def encode_response(self, output: Any) -> dict[str, Any]:
        return {"output": output.tolist()}


def main(port: int, tuned: bool) -> None:
    if tuned:
        api: litserve.LitAPI = Tuned(max_batch_size=16, batch_timeout=0.005)
        server = litserve.LitServer(api, accelerator="cpu", fast_queue=True)
    else:
        server = litserve.LitServer(Documented())
    level = "warning" if tuned else "info"
    server.run("127.0.0.1", port, log_level=level, generate_client_file=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] == "tuned")
