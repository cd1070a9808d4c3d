"""A container engine of our own, where the machine can have one."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

IMAGE = "localhost/hwsim-test:1"

#: What the image holds: one program that behaves as its first argument says.
PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <dirent.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <unistd.h>

static int writable(const char *path)
{
    FILE *file = fopen(path, "w");
    if (file)
        fclose(file);
    return file != NULL;
}

static int network(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_aton("192.0.2.1", &to.sin_addr);
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    return s >= 0 && connect(s, (struct sockaddr *)&to, sizeof to) == 0;
}

static void copy(const char *from, const char *to)
{
    static char bytes[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!in || !out)
        exit(9);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        fwrite(bytes, 1, n, out);
    fclose(in);
    fclose(out);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(mode, "-SparseGEMM")) { /* results that were put into the image */
        copy("/results/counters", "output_stats_layer.counters");
        copy("/results/txt", "output_stats_layer.txt");
    } else if (!strcmp(mode, "report")) {
        char line[64] = "";
        FILE *given = fopen("/hwsim/in/given", "r");
        if (given && !fgets(line, sizeof line, given))
            line[0] = 0;
        printf("uid %d out %d in %d root %d network %d given %s said %s\n", (int)getuid(),
               writable("/hwsim/out/o"), writable("/hwsim/in/o"), writable("/o"), network(), line,
               getenv("SAID"));
    } else if (!strcmp(mode, "crash")) {
        puts("out of luck");
        return 3;
    } else if (!strcmp(mode, "die")) {
        volatile int *nowhere = NULL; /* the first process of a container ignores raise() */
        *nowhere = 1;
    } else if (!strcmp(mode, "hang")) {
        puts("still here");
        sleep(600);
    } else if (!strcmp(mode, "fill")) {
        static char bytes[1 << 20];
        FILE *file = fopen("junk", "wb");
        for (int i = 0; i < 600; i++, usleep(10000))
            fwrite(bytes, 1, sizeof bytes, file);
    } else if (!strcmp(mode, "hoard")) {
        for (int i = 0; i < 4000; i++)
            memset(malloc(1 << 20), 1, 1 << 20);
        puts("nothing stopped it");
    } else if (!strcmp(mode, "chatter")) {
        for (int i = 0; i < 100000; i++)
            printf("a line that says nothing %d\n", i);
        return 4;
    }
    return 0;
}
"""

_CONFIG = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=512:512"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
"""


def _skip_unless_possible():
    for name in ("podman", "runc", "cc"):
        if shutil.which(name) is None:
            pytest.skip(f"no {name} on this machine: containers are not tested")
    pytest.importorskip("docker", reason="the docker package is not installed")


class Podman:
    """Podman with its own storage, which leaves that of the machine alone."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = folder / "podman.sock"
        config = folder / "containers.conf"
        config.write_text(_CONFIG)
        self._environment = {**os.environ, "CONTAINERS_CONF": str(config)}
        self._environment.pop("DOCKER_HOST", None)
        self._service = None

    def command(self, *arguments):
        places = ("--root", self.folder / "root", "--runroot", self.folder / "run")
        options = ("--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", "runc")
        return [str(part) for part in ("podman", *places, *options, *arguments)]

    def run(self, *arguments):
        done = subprocess.run(
            self.command(*arguments),
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"podman cannot run here: {done.stderr.strip().splitlines()[-1:]}")

    def start(self):
        log = (self.folder / "service.log").open("w")
        self._service = subprocess.Popen(
            self.command("system", "service", "--time", "0", f"unix://{self.socket}"),
            env=self._environment,
            cwd=self.folder,  # podman's monitor leaves a file where it runs
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        for _ in range(200):
            if self.socket.exists():
                return
            time.sleep(0.05)
        self.stop()
        pytest.skip(f"podman's service does not start: {(self.folder / 'service.log').read_text()}")

    def stop(self):
        if self._service is not None:
            self._service.terminate()
            self._service.wait(timeout=30)
            self._service = None
            self.socket.unlink(missing_ok=True)

    def build(self, image, results):
        tree = self.folder / "tree"
        (tree / "bin").mkdir(parents=True)
        (tree / "results").mkdir()
        (tree / "tmp").mkdir()
        for name, text in results.items():
            (tree / "results" / name).write_text(text)
        compiler = ["cc", "-static", "-O1", "-x", "c", "-", "-o", str(tree / "bin" / "stonne")]
        done = subprocess.run(compiler, input=PROGRAM.encode(), capture_output=True, check=False)
        if done.returncode:
            pytest.skip("the C compiler cannot link statically: no image can be built")
        archive = shutil.make_archive(str(self.folder / "image"), "tar", tree)
        self.run("import", "--change", "ENV PATH=/bin", archive, image)


@pytest.fixture(scope="session")
def podman():
    """A running engine with IMAGE; its ``results`` are of ``tests.engines.programs.problem``."""
    _skip_unless_possible()
    from tests.engines.programs.problem import result_texts

    # A short path, because the name of a socket may have some 100 characters only.
    folder = Path(tempfile.mkdtemp(prefix="hwsim-podman-"))
    engine = Podman(folder)
    try:
        engine.build(IMAGE, result_texts())
        engine.run("run", "--rm", "--network", "none", IMAGE, "/bin/stonne")
        engine.start()
        yield engine
    finally:
        engine.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def docker_host(podman, monkeypatch):
    """Point the docker SDK to it."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{podman.socket}")
    return podman
