"""A kernel with a client, for tests that talk to one."""

import subprocess
import textwrap

from jupyter_client.manager import KernelManager

from wdp_lib.batch.execute import WARM


class Kernel:
    """A kernel with a client, started as Jupyter starts it."""

    def __init__(self, name=WARM, **settings):
        self.manager = KernelManager(kernel_name=name)
        self.manager.start_kernel(stderr=subprocess.DEVNULL, **settings)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code):
        """What the code prints, or the name of its error."""
        said = []

        def hear(message):
            content = message["content"]
            if content.get("name") != "stderr":
                said.append(content.get("text") or content.get("ename") or "")

        self.client.execute_interactive(textwrap.dedent(code), output_hook=hear, timeout=60)
        return "".join(said).strip()

    def end(self):
        if self.manager.has_kernel:
            self.client.stop_channels()
            self.manager.shutdown_kernel()
