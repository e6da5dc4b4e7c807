/* ipc.c: System V and POSIX objects that the host made. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

static void sysv_get(int argc, char **argv) {
    key_t key = (key_t)number_of(argv[0]);
    (void)argc;
    int shm = shmget(key, 0, 0);
    line_outcome("shm", shm);
    line_outcome("msg", msgget(key, 0));
    line_outcome("sem", semget(key, 0, 0));
    errno = shm < 0 ? ENOENT : 0;
    line_result(shm);
}

/* For the host side of a test: makes the segment, tells its id; sysv-remove takes it away. */
static void sysv_make(int argc, char **argv) {
    int id = shmget((key_t)number_of(argv[0]), 4096, IPC_CREAT | IPC_EXCL | 0666);
    (void)argc;
    line_result(id);
    if (id < 0)
        return;
    char *at = shmat(id, NULL, 0);
    if (at != (char *)-1) {
        strcpy(at, "host segment");
        shmdt(at);
    }
    line_number("id", id);
}

static void sysv_remove(int argc, char **argv) {
    int id = shmget((key_t)number_of(argv[0]), 0, 0);
    (void)argc;
    line_result(id < 0 ? -1 : shmctl(id, IPC_RMID, NULL));
}

static void posix_queue(int argc, char **argv) {
    (void)argc;
    line_result(syscall(SYS_mq_open, argv[0], (long)O_RDONLY, 0L, NULL));
}

/* For the host side of a test; mqueue-remove takes it away. Without the leading slash: the call's own form. */
static void queue_make(int argc, char **argv) {
    (void)argc;
    line_result(syscall(SYS_mq_open, argv[0], (long)(O_RDWR | O_CREAT | O_EXCL), 0666L, NULL));
}

static void queue_remove(int argc, char **argv) {
    (void)argc;
    line_result(syscall(SYS_mq_unlink, argv[0]));
}

const struct probe_act probe_ipc[] = {
    {"sysv", "KEY", 1, sysv_get},
    {"sysv-make", "KEY", 1, sysv_make},
    {"sysv-remove", "KEY", 1, sysv_remove},
    {"mqueue", "NAME", 1, posix_queue},
    {"mqueue-make", "NAME", 1, queue_make},
    {"mqueue-remove", "NAME", 1, queue_remove},
    {NULL, NULL, 0, NULL},
};
