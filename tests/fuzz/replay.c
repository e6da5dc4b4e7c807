/* replay.c: runs a fuzz target over the files of a folder, each in memory of exactly its size, so that ASan sees a
 * read behind the end. Ends with status 1 when a file was taken or refused against its name. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

static uint8_t *content(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        return NULL;
    long length = ftell(file);
    rewind(file);
    uint8_t *data = length < 0 ? NULL : malloc(length ? (size_t)length : 1);
    *size = data ? fread(data, 1, (size_t)length, file) : 0;
    fclose(file);
    return data;
}

static int starts(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

/* 0 when the target did with it what its name says. */
static int replay(const char *folder, const char *name) {
    char path[4096];
    size_t size;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    printf("%s\n", path);
    fflush(stdout); /* the last line names the one that crashed */
    uint8_t *data = content(path, &size);
    if (!data) {
        fprintf(stderr, "%s cannot be read\n", path);
        return 1;
    }
    fuzz_accepted = 0;
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    int fits = starts(name, "ok-") ? fuzz_accepted : starts(name, "no-") ? !fuzz_accepted : starts(name, "any-");
    if (!fits)
        fprintf(stderr, "%s was %s; its name says otherwise\n", path, fuzz_accepted ? "accepted" : "refused");
    return !fits;
}

static int visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

int main(int argc, char **argv) {
    struct dirent **entries;
    int count = argc == 2 ? scandir(argv[1], &entries, visible, alphasort) : -1, failed = 0;
    if (count <= 0) {
        fprintf(stderr, "usage: %s FOLDER (with at least one file)\n", argv[0]);
        return 2;
    }
    for (int i = 0; i < count; i++) {
        failed += replay(argv[1], entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("%d passed, %d failed\n", count - failed, failed);
    return failed != 0;
}
