/* load.c: acts that use something up until a limit ends them, or something stays behind. All end by themselves
 * after some seconds where no limit does it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "prober/prober.h"

#define MEBIBYTE (1l << 20)
#define SECONDS 8

static void memory(void) {
    for (int i = 0; i < 256; i++) {
        char *block = mmap(NULL, MEBIBYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block != MAP_FAILED)
            memset(block, i + 1, MEBIBYTE);
        usleep(2000); /* so that one who looks from outside sees it grow */
    }
}

static void processes(void) {
    long result = 0;
    for (int i = 0; i < 64 && result >= 0; i++) {
        result = fork();
        if (result == 0) {
            sleep(SECONDS);
            _exit(0);
        }
    }
    prober_say("processes", prober_answer(result));
}

static void descriptors(void) {
    long result = 0;
    for (int i = 0; i < 64 && result >= 0; i++)
        result = open("/dev/null", O_RDONLY | O_CLOEXEC);
    prober_say("descriptors", prober_answer(result));
}

static void spin(void) {
    time_t until = time(NULL) + SECONDS;
    while (time(NULL) < until)
        ;
}

static void big_file(const char *folder) {
    static char block[65536];
    int fd = chdir(folder) == 0 ? open("big", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    for (int i = 0; i < 64 && fd >= 0; i++)
        if (write(fd, block, sizeof block) < 0)
            break;
}

static void output(void) {
    static char block[65536];
    for (int i = 0; i < 64; i++)
        if (write(1, block, sizeof block) < 0)
            break;
}

/* Stays behind, deaf to what can be ignored, and writes to its standard output until it is ended. */
static void daemonise(void) {
    if (fork())
        return;
    setsid();
    if (fork())
        _exit(0);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    for (int i = 0; i < SECONDS * 20; i++)
        usleep(50000);
    _exit(0);
}

int prober_load(const char *name, const char *argument) {
    static const struct {
        const char *name;
        void (*act)(void);
    } acts[] = {{"memory", memory}, {"processes", processes}, {"descriptors", descriptors},
                {"spin", spin},     {"output", output},       {"daemon", daemonise}};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (strcmp(name, acts[i].name) == 0) {
            acts[i].act();
            return 0;
        }
    }
    if (strcmp(name, "sleep") == 0)
        sleep(SECONDS);
    else if (strcmp(name, "big-file") == 0)
        big_file(argument);
    else
        return 64;
    return 0;
}
