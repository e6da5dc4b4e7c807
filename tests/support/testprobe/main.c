/* main.c: the one table of acts. `mxc-testprobe ACT [ARGUMENT...] [++ ACT ...]...`: each act prints one line;
 * exit status 0 when the acts could be tried at all, whatever came of them, and 64 for wrong usage. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"

static const struct probe_act *const tables[] = {
    probe_files,   probe_modes,     probe_process, probe_load,    probe_output,  probe_identity,
    probe_mounts,  probe_kernel,    probe_foreign, probe_peers,   probe_network, probe_ipc,
    probe_storage, probe_privilege, probe_surface, probe_assault, probe_reach,
};
enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

static const struct probe_act *find(const char *name) {
    for (int i = 0; i < TABLES; i++)
        for (const struct probe_act *act = tables[i]; act->name; act++)
            if (!strcmp(act->name, name))
                return act;
    return NULL;
}

static int list(void) {
    for (int i = 0; i < TABLES; i++)
        for (const struct probe_act *act = tables[i]; act->name; act++)
            printf("%s%s%s\n", act->name, *act->usage ? " " : "", act->usage);
    return 0;
}

static int one(int argc, char **argv) {
    const struct probe_act *act = find(argv[0]);
    if (!act || argc - 1 < act->least) {
        dprintf(2, "mxc-testprobe: %s %s\n", act ? "too few arguments for" : "no act named", argv[0]);
        return 64;
    }
    line_begin(act->name);
    act->run(argc - 1, argv + 1);
    line_print();
    return 0;
}

int main(int argc, char **argv) {
    int status = 0;
    if (argc < 2) {
        dprintf(2, "usage: mxc-testprobe ACT [ARGUMENT...] [++ ACT ...]... | --list\n");
        return 64;
    }
    if (!strcmp(argv[1], "--list"))
        return list();
    for (int first = 1, i = 1; i <= argc && !status; i++) {
        if (i < argc && strcmp(argv[i], "++") != 0)
            continue;
        if (i > first) {
            argv[i] = NULL;
            status = one(i - first, argv + first);
        }
        first = i + 1;
    }
    return status;
}
