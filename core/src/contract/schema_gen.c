/* lint: build-time program. schema_gen.c: prints the C source of mxc_contract_schema(). */
#include <stdio.h>

#include "contract/schema.h"

static void print_byte(char c) {
    if (c == '\n')
        fputs("\\n\"\n    \"", stdout);
    else if (c == '"' || c == '\\')
        printf("\\%c", c);
    else
        putchar(c);
}

int main(void) {
    MXC_AUTO_BUF struct mxc_buf buf = {0};
    if (mxc_schema_write(&buf))
        return 1;
    fputs("#include \"contract/contract.h\"\n\nconst char *mxc_contract_schema(void) {\n    return\n    \"", stdout);
    for (size_t i = 0; i < buf.length; i++)
        print_byte(buf.data[i]);
    fputs("\";\n}\n", stdout);
    return ferror(stdout) ? 1 : 0;
}
