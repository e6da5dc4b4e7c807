/* verify_ground.c: the things of the host that a verification aims at, and the prober outside of any sandbox. All is
 * made for one run and removed with it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "verify.h"

#define MOST_WORDS 15

/* Made by cmake/static_program.cmake. */
extern const unsigned char mxc_prober_image[];
extern const uint64_t mxc_prober_image_size;

static int write_all(int fd, const unsigned char *bytes, uint64_t size) {
    while (size) {
        ssize_t more = write(fd, bytes, size);
        if (more <= 0)
            return -1;
        bytes += more;
        size -= (uint64_t)more;
    }
    return 0;
}

/* No file that somebody could change or that could be left: a sealed one without a name. */
static int make_program(void) {
    int fd = memfd_create("mxc-prober", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || write_all(fd, mxc_prober_image, mxc_prober_image_size) != 0 || fchmod(fd, 0755) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static int make_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    ssize_t wrote = write(fd, "canary\n", 7);
    close(fd);
    return wrote == 7 ? 0 : -1;
}

static int make_folders(struct verify_ground *ground) {
    const char *top = getenv("TMPDIR");
    int length = snprintf(ground->root, sizeof ground->root, "%s/mxc-verify-XXXXXX", top && *top == '/' ? top : "/tmp");
    if (length >= (int)sizeof ground->root)
        snprintf(ground->root, sizeof ground->root, "/tmp/mxc-verify-XXXXXX");
    if (!mkdtemp(ground->root)) {
        ground->root[0] = 0;
        return -1;
    }
    snprintf(ground->hidden, sizeof ground->hidden, "%s/hidden", ground->root);
    snprintf(ground->work, sizeof ground->work, "%s/work", ground->root);
    snprintf(ground->readonly, sizeof ground->readonly, "%s/readonly", ground->root);
    snprintf(ground->denied, sizeof ground->denied, "%s/work/denied", ground->root);
    return mkdir(ground->work, 0755) || mkdir(ground->readonly, 0755) || make_file(ground->hidden) ||
           make_file(ground->denied);
}

static int make_listener(struct verify_ground *ground) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    ground->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (ground->listener < 0 || bind(ground->listener, (struct sockaddr *)&at, size) != 0 ||
        listen(ground->listener, 4) != 0 || getsockname(ground->listener, (struct sockaddr *)&at, &size) != 0)
        return -1;
    snprintf(ground->port, sizeof ground->port, "%u", ntohs(at.sin_port));
    return 0;
}

static int make_segment(struct verify_ground *ground) {
    for (int key = 0x6d780000 + getpid() % 0x8000, tries = 0; tries < 64; key++, tries++) {
        ground->segment = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0666);
        if (ground->segment >= 0 || errno != EEXIST) {
            snprintf(ground->key, sizeof ground->key, "%d", key);
            break;
        }
    }
    return ground->segment < 0 ? -1 : 0;
}

int verify_ground_make(struct verify_ground *ground, const char **what) {
    *ground = (struct verify_ground){.program = -1, .listener = -1, .segment = -1, .leaked = -1};
    snprintf(ground->pid, sizeof ground->pid, "%d", getpid());
    setenv("MXC_VERIFY_SECRET", "secret", 1);
    *what = "a folder for the trial";
    if (make_folders(ground) != 0)
        return -1;
    *what = "the program for the trial";
    if ((ground->program = make_program()) < 0)
        return -1;
    *what = "a listener on the loopback";
    if (make_listener(ground) != 0)
        return -1;
    *what = "a shared memory segment";
    if (make_segment(ground) != 0)
        return -1;
    *what = "a descriptor to be kept out";
    ground->leaked = open(ground->hidden, O_RDONLY | O_CLOEXEC);
    /* on purpose one that exec keeps: the sandbox must not have it all the same */
    return ground->leaked < 0 ? -1 : fcntl(ground->leaked, F_SETFD, 0);
}

static void remove_below(const char *folder, const char *name) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

void verify_ground_remove(struct verify_ground *ground) {
    const int fds[] = {ground->program, ground->listener, ground->leaked};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    if (ground->segment >= 0)
        shmctl(ground->segment, IPC_RMID, NULL);
    if (!ground->root[0])
        return;
    remove_below(ground->work, "big");
    unlink(ground->denied);
    unlink(ground->hidden);
    rmdir(ground->work);
    rmdir(ground->readonly);
    rmdir(ground->root);
}

int verify_ground_reached(const struct verify_ground *ground) {
    int fd, came = 0;
    while ((fd = accept4(ground->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        came = 1;
        close(fd);
    }
    return came;
}

long verify_ground_outside(const struct verify_ground *ground, const char *const *argv, char *text, size_t size) {
    char *words[MOST_WORDS + 1] = {NULL}; /* exec does not take what is const, and does not change it */
    int ends[2];
    size_t length = 0;
    for (size_t i = 0; i < MOST_WORDS && argv[i]; i++)
        memcpy(&words[i], &argv[i], sizeof words[i]);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        /* the image is executed by descriptor, which exec then closes */
        if (dup2(ends[1], 1) == 1)
            fexecve(ground->program, words, environ);
        _exit(127);
    }
    close(ends[1]);
    for (ssize_t got; child > 0 && length < size - 1 && (got = read(ends[0], text + length, size - 1 - length)) > 0;)
        length += (size_t)got;
    text[length] = 0;
    close(ends[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    return child > 0 ? (long)length : -1;
}
