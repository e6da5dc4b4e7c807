/* ground.c: the folders of a case, what it asks for in them, canaries, and looks at the host afterwards. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

#define CANARY "canary: nobody may change this\n"
#define SECRET "canary-secret-5b1e77\n"

static void make_folder(const char *path, mode_t mode) {
    if ((mkdir(path, mode) && errno != EEXIST) || chmod(path, mode))
        broken("mkdir %s: %s", path, strerror(errno));
}

static void make_file(const char *path, const char *text, mode_t mode) {
    FILE *file = fopen(path, "we");
    if (!file || fputs(text, file) < 0 || fclose(file) || chmod(path, mode))
        broken("write %s: %s", path, strerror(errno));
}

static void join(char *out, size_t size, const char *folder, const char *name) {
    int length = snprintf(out, size, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= size)
        broken("%s/%s: too long", folder, name);
}

void ground_make(struct ground *ground, const char *base, const char *id) {
    char ssh[2200];
    ground->base = base;
    join(ssh, sizeof(ssh), base, "c");
    join(ground->root, sizeof(ground->root), ssh, id);
    *strrchr(ground->root, '/') = '-';
    join(ground->work, sizeof(ground->work), ground->root, "work");
    join(ground->outside, sizeof(ground->outside), ground->root, "outside");
    join(ground->home, sizeof(ground->home), ground->root, "home");
    join(ssh, sizeof(ssh), ground->home, ".ssh");
    join(ground->bin, sizeof(ground->bin), base, "bin");
    join(ground->probe, sizeof(ground->probe), ground->bin, "mxc-testprobe");
    join(ground->canary, sizeof(ground->canary), ground->outside, "canary.txt");
    join(ground->secret, sizeof(ground->secret), ssh, "id_canary");
    ground_remove(ground);
    make_folder(ground->root, 0755);
    make_folder(ground->work, 0755);
    make_folder(ground->outside, 0755);
    make_folder(ground->home, 0755);
    make_folder(ssh, 0755);
    make_file(ground->canary, CANARY, 0644);
    make_file(ground->secret, SECRET, 0644);
    if (lstat(ground->canary, &ground->before[0]) || lstat(ground->secret, &ground->before[1]))
        broken("canaries: %s", strerror(errno));
}

static const char *text_of(json_t *object, const char *key) { return json_string_value(json_object_get(object, key)); }

static void make_folders(const char *path, mode_t mode) {
    char part[4096];
    for (const char *at = path; (at = strchr(at + 1, '/'));) {
        snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
        if (mkdir(part, 0755) && errno != EEXIST)
            broken("mkdir %s: %s", part, strerror(errno));
    }
    make_folder(path, mode);
}

void ground_set_up(json_t *items) {
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) {
        const char *mode_text = text_of(item, "mode"), *target = text_of(item, "target"), *path;
        mode_t mode = mode_text ? (mode_t)strtoul(mode_text, NULL, 8) : 0;
        int rc = 0;
        if ((path = text_of(item, "dir")))
            make_folders(path, mode ? mode : 0755);
        else if ((path = text_of(item, "file")))
            make_file(path, text_of(item, "text"), mode ? mode : 0644);
        else if ((path = text_of(item, "symlink")))
            rc = symlink(target, path);
        else if ((path = text_of(item, "link")))
            rc = link(target, path);
        else if ((path = text_of(item, "fifo")))
            rc = mkfifo(path, 0644);
        if (rc)
            broken("set up %s: %s", path, strerror(errno));
    }
}

static size_t slurp(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "re");
    size_t got = file ? fread(text, 1, size - 1, file) : 0;
    if (file)
        fclose(file);
    text[got] = 0;
    return got;
}

static void check_canary(const char *path, const struct stat *before, const char *wanted, json_t *faults) {
    char text[256];
    struct stat now;
    slurp(path, text, sizeof(text));
    if (lstat(path, &now) || strcmp(text, wanted) != 0 || now.st_mode != before->st_mode ||
        now.st_uid != before->st_uid || now.st_nlink != before->st_nlink ||
        now.st_mtim.tv_sec != before->st_mtim.tv_sec || now.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
        fault(faults, "host canary changed: %s", path);
}

static json_t *names_in(const char *path) {
    json_t *names = json_object(); /* as a set */
    struct dirent *entry;
    DIR *dir = opendir(path);
    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            json_object_set_new(names, entry->d_name, json_true());
    if (dir)
        closedir(dir);
    return names;
}

void ground_check(const struct ground *ground, json_t *faults) {
    check_canary(ground->canary, &ground->before[0], CANARY, faults);
    check_canary(ground->secret, &ground->before[1], SECRET, faults);
    json_t *names = names_in(ground->outside);
    if (json_object_size(names) != 1)
        fault(faults, "host canary changed: %s has %zu entries", ground->outside, json_object_size(names));
    json_decref(names);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
    (void)st;
    (void)at;
    return type == FTW_DP || type == FTW_DNR ? rmdir(path) : unlink(path);
}

void ground_remove(const struct ground *ground) { nftw(ground->root, remove_one, 32, FTW_DEPTH | FTW_PHYS); }

static void check_names(const char *path, json_t *wanted, json_t *faults) {
    json_t *names = names_in(path), *name;
    size_t i;
    bool same = json_object_size(names) == json_array_size(wanted);
    json_array_foreach(wanted, i, name) same = same && json_object_get(names, json_string_value(name));
    if (!same) {
        char *shown = json_dumps(names, JSON_COMPACT);
        fault(faults, "host: %s has other entries: %s", path, shown);
        free(shown);
    }
    json_decref(names);
}

static void check_path(const char *path, json_t *check, const struct stat *st, json_t *faults) {
    static char text[65536], again[65536];
    json_t *still = json_object_get(check, "stillMs");
    const char *wanted = text_of(check, "text"), *mode = text_of(check, "mode");
    slurp(path, text, sizeof(text));
    if (wanted && strcmp(wanted, text) != 0)
        fault(faults, "host: %s has another text", path);
    if (mode && (st->st_mode & 07777) != strtoul(mode, NULL, 8))
        fault(faults, "host: %s has mode %04o", path, st->st_mode & 07777);
    if (text_of(check, "owner") && (st->st_uid != geteuid() || st->st_gid != getegid()))
        fault(faults, "host: %s belongs to %u:%u", path, st->st_uid, st->st_gid);
    if (json_object_get(check, "names"))
        check_names(path, json_object_get(check, "names"), faults);
    if (still) {
        wait_ms((long)json_integer_value(still));
        slurp(path, again, sizeof(again));
        if (strcmp(text, again) != 0)
            fault(faults, "host: something still writes %s", path);
    }
}

void host_check(json_t *checks, json_t *faults) {
    size_t i;
    json_t *check;
    struct stat st;
    json_array_foreach(checks, i, check) {
        const char *path = text_of(check, "path");
        bool there = !lstat(path, &st), absent = json_is_true(json_object_get(check, "absent"));
        if (there == absent)
            fault(faults, "host: %s is %s", path, there ? "there" : "not there");
        else if (there)
            check_path(path, check, &st, faults);
    }
}
