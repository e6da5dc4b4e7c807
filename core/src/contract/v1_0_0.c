/* v1_0_0.c: the fields of the contract 1.0.0 and our additions, in canonical order. Only data: what a kind of field
 * does is in read.c, print.c and schema.c. */
#include <string.h>

#include "contract/fields.h"
#include "policy/words.h"

#define AT(member) .offset = offsetof(struct mxc_policy, member)
#define END \
    { 0 }

static const struct mxc_field process_fields[] = {
    {"commandLine", MXC_FIELD_TEXT, "Command, run by sh -c.", AT(process.command_line), .check = mxc_check_not_empty},
    {"argv", MXC_FIELD_ARGV, "Command and arguments, run without a shell.", AT(process.argv)},
    {"cwd", MXC_FIELD_PATH, "Working folder inside.", AT(process.cwd)},
    {"env", MXC_FIELD_ENV, "NAME=VALUE entries: the whole environment, instead of the clean default.", AT(process.env)},
    {"inheritDefaultEnv", MXC_FIELD_FLAG, "Put env on top of the clean default.", AT(process.inherit_default_env)},
    {"timeout", MXC_FIELD_TIME, "Wall-clock deadline in milliseconds; 0 is none.", AT(process.timeout_ms)},
    {"tty", MXC_FIELD_FLAG, "Give the command a terminal of its own.", AT(process.tty)},
    {"user", MXC_FIELD_USER, "User inside: \"mapped\" is an ordinary user without rights on the host.",
     AT(process.user)},
    END};

static const struct mxc_field lifecycle_fields[] = {
    {"destroyOnExit", MXC_FIELD_FLAG, "Remove the sandbox when its command has ended.", AT(lifecycle.keep_on_exit),
     .inverted = 1},
    {"preservePolicy", MXC_FIELD_FLAG, "Keep the policy of a sandbox that is kept.", AT(lifecycle.preserve_policy)},
    END};

static const struct mxc_field filesystem_fields[] = {
    {"baseline", MXC_FIELD_WORD, "The read-only system view (/usr, /bin, /lib*, /sbin, a curated /etc), or nothing.",
     AT(filesystem.baseline), .words = mxc_baseline_words},
    {"readwritePaths", MXC_FIELD_PATHS, "Files and folders that can be read and written.", .number = MXC_ACCESS_WRITE},
    {"readonlyPaths", MXC_FIELD_PATHS, "Files and folders that can be read.", .number = MXC_ACCESS_READ},
    {"deniedPaths", MXC_FIELD_PATHS, "Files and folders that cannot be seen through; they need not exist.",
     .number = MXC_ACCESS_DENY},
    {"protectedNames", MXC_FIELD_PROTECTED,
     "Names that stay read-only inside writable folders, also where they do not exist yet; instead of the default "
     "list.",
     AT(filesystem.protected_names), .check = mxc_check_protected_name},
    {"hardLinks", MXC_FIELD_WORD,
     "Whether a denied file that has another name (a hard link) elsewhere stops the start or is only reported.",
     AT(filesystem.refuse_hard_links), .words = mxc_hard_links_words},
    {"tmpBytes", MXC_FIELD_LIMIT, "Size of each private temporary folder, bytes.", .number = MXC_LIMIT_TMP},
    END};

static const struct mxc_field egress_fields[] = {
    {"default", MXC_FIELD_WORD, "What holds for connections that no rule matches.", AT(network.egress_default),
     .words = mxc_verdict_words},
    {"allow", MXC_FIELD_RULES, "Connections that are allowed.", AT(network.allow)},
    {"deny", MXC_FIELD_RULES, "Connections that are denied, also where a rule allows them.", AT(network.deny)},
    END};

static const struct mxc_field ingress_fields[] = {
    {"default", MXC_FIELD_WORD, "Connections from outside into the sandbox.", AT(network.ingress_default),
     .words = mxc_verdict_words},
    {"hostLoopback", MXC_FIELD_WORD, "The host's loopback, in both directions.", AT(network.host_loopback),
     .words = mxc_verdict_words},
    END};

static const struct mxc_field network_fields[] = {
    {"egress", MXC_FIELD_OBJECT, "Connections out of the sandbox.", .fields = egress_fields},
    {"ingress", MXC_FIELD_OBJECT, "Connections into the sandbox.", .fields = ingress_fields},
    {"publish", MXC_FIELD_PUBLISH, "Listeners inside that the host's loopback can reach."},
    END};

static const struct mxc_field runtime_fields[] = {{"networkProxy", MXC_FIELD_TEXT,
                                                   "A proxy on the host's loopback: the only way out.",
                                                   AT(network.proxy), .check = mxc_check_proxy_url},
                                                  END};

static const struct mxc_field ui_fields[] = {
    {"disable", MXC_FIELD_FLAG, "No display, sound or session bus.", AT(ui.enable), .inverted = 1},
    {"clipboard", MXC_FIELD_WORD, "Access to the clipboard.", AT(ui.clipboard), .words = mxc_clipboard_words},
    {"injection", MXC_FIELD_FLAG, "Sending input to other programs.", AT(ui.injection)},
    END};

static const struct mxc_field lxc_fields[] = {
    {"distribution", MXC_FIELD_TEXT, "Image for the container wall.", AT(lxc.distribution),
     .check = mxc_check_image_name},
    {"release", MXC_FIELD_TEXT, "Release of that image.", AT(lxc.release), .check = mxc_check_image_name},
    END};

static const struct mxc_field telemetry_fields[] = {
    {"enabled", MXC_FIELD_FLAG, "Accepted; nothing is sent anywhere.", AT(telemetry)}, END};

static const struct mxc_field fallback_fields[] = {
    {"allowDaclMutation", MXC_FIELD_IGNORED, "Accepted; it concerns another operating system."}, END};

static const struct mxc_field limits_fields[] = {
    {"memoryBytes", MXC_FIELD_LIMIT, "Memory of the whole sandbox, bytes.", .number = MXC_LIMIT_MEMORY},
    {"swapBytes", MXC_FIELD_LIMIT, "Swap on top of it, bytes.", .number = MXC_LIMIT_SWAP},
    {"processes", MXC_FIELD_LIMIT, "Processes and threads.", .number = MXC_LIMIT_PROCESSES},
    {"cpus", MXC_FIELD_CPUS, "Processor bandwidth, such as 1.5; at most three decimals.", .number = MXC_LIMIT_CPUS},
    {"cpuTimeMs", MXC_FIELD_LIMIT, "Processor time of the whole sandbox, milliseconds.", .number = MXC_LIMIT_CPU_TIME},
    {"wallTimeMs", MXC_FIELD_LIMIT,
     "Wall-clock deadline of each command, milliseconds; the smaller of this and "
     "process.timeout holds.",
     .number = MXC_LIMIT_WALL_TIME},
    {"outputBytes", MXC_FIELD_LIMIT, "Captured output per stream, bytes; the middle of more is counted only.",
     .number = MXC_LIMIT_OUTPUT},
    {"fileBytes", MXC_FIELD_LIMIT, "Size of one file, bytes.", .number = MXC_LIMIT_FILE_SIZE},
    {"openFiles", MXC_FIELD_LIMIT, "Open descriptors per process.", .number = MXC_LIMIT_OPEN_FILES},
    {"diskBytes", MXC_FIELD_LIMIT, "Bytes written below the writable paths.", .number = MXC_LIMIT_DISK},
    END};

static const struct mxc_field syscalls_fields[] = {{"profile", MXC_FIELD_WORD,
                                                    "Which system calls the sandbox may use.", AT(syscalls.profile),
                                                    .words = mxc_profile_words},
                                                   {"allow", MXC_FIELD_TEXTS, "System calls added to the profile.",
                                                    AT(syscalls.allow), .check = mxc_check_syscall_name},
                                                   {"deny", MXC_FIELD_TEXTS, "System calls taken from the profile.",
                                                    AT(syscalls.deny), .check = mxc_check_syscall_name},
                                                   END};

static const struct mxc_field root_fields[] = {
    {"version", MXC_FIELD_VERSION, "Version of the contract."},
    {"containment", MXC_FIELD_CONTAINMENT, "The wall, or \"auto\" for the weakest that assurance accepts.",
     AT(containment), .words = mxc_containment_words},
    {"assurance", MXC_FIELD_ASSURANCE, "With containment \"auto\": the weakest wall that is strong enough.",
     AT(assurance), .words = mxc_assurance_words},
    {"containerId", MXC_FIELD_TEXT, "Name of the sandbox.", AT(container_id), .check = mxc_check_container_id},
    {"process", MXC_FIELD_OBJECT, "What to run, and how.", .fields = process_fields},
    {"lifecycle", MXC_FIELD_OBJECT, "What stays.", .fields = lifecycle_fields},
    {"filesystem", MXC_FIELD_OBJECT,
     "Files. The most specific path decides; at the same path denied before readonly "
     "before readwrite.",
     .fields = filesystem_fields},
    {"network", MXC_FIELD_OBJECT, "Network; nothing is allowed unless said.", .fields = network_fields},
    {"runtimeConfig", MXC_FIELD_OBJECT, "Settings of the host.", .fields = runtime_fields},
    {"ui", MXC_FIELD_OBJECT, "Desktop; nothing is allowed unless said.", .fields = ui_fields},
    {"lxc", MXC_FIELD_OBJECT, "The container wall.", .fields = lxc_fields},
    {"telemetry", MXC_FIELD_OBJECT, "Accepted; nothing is sent anywhere.", .fields = telemetry_fields},
    {"fallback", MXC_FIELD_OBJECT, "Accepted; it concerns another operating system.", .fields = fallback_fields},
    {"limits", MXC_FIELD_OBJECT, "Limits of the sandbox; each has a default.", .fields = limits_fields},
    {"syscalls", MXC_FIELD_OBJECT, "System calls.", .fields = syscalls_fields},
    {"onUnsupported", MXC_FIELD_WORD,
     "Whether a rule that cannot be enforced here stops the start or is only reported.", AT(report_unsupported),
     .words = mxc_unsupported_words},
    END};

const struct mxc_field mxc_fields_v1_0_0 = {"", MXC_FIELD_OBJECT, "A policy of mxc.", .fields = root_fields};

/* ---- names that are not fields -------------------------------------------------------------------------------------------- */

#define OTHER_SYSTEM(name) \
    { "", name, MXC_E_UNSUPPORTED, "this section configures a wall of another operating system", "remove it" }
#define STATE_AWARE(name) \
    { \
        "", name, MXC_E_UNSUPPORTED, "requests of the state-aware lifecycle are not read by this entry point", \
            "send a one-shot request, or open a sandbox and run commands in it" \
    }
#define OLD_NETWORK(name, hint) \
    { "/network", name, MXC_E_POLICY_INVALID, "this field belongs to contract versions before 0.9", hint }

static const struct mxc_stranger strangers[] = {
    OTHER_SYSTEM("processContainer"),
    OTHER_SYSTEM("seatbelt"),
    OTHER_SYSTEM("wslc"),
    OTHER_SYSTEM("windowsSandbox"),
    {"", "isolationSession", MXC_E_UNSUPPORTED, "this section is not read by this version", "remove it"},
    {"", "hyperlight", MXC_E_UNSUPPORTED, "this section is not read by this version", "remove it"},
    STATE_AWARE("phase"),
    STATE_AWARE("sandboxId"),
    {"", "experimental", MXC_E_POLICY_INVALID, "this section belongs to contract versions before 0.9",
     "its fields moved to the root: lxc, telemetry"},
    OLD_NETWORK("defaultPolicy", "use network.egress.default: \"allow\" or \"deny\""),
    OLD_NETWORK("enforcementMode", "remove it; rules are always enforced"),
    OLD_NETWORK("allowLocalNetwork", "use network.ingress.hostLoopback, and cidr rules for local networks"),
    OLD_NETWORK("allowedHosts", "use network.egress.allow: [{\"to\": [{\"host\": \"...\"}]}]"),
    OLD_NETWORK("blockedHosts", "use network.egress.deny: [{\"to\": [{\"cidr\": \"...\"}]}]"),
    OLD_NETWORK("proxy", "use runtimeConfig.networkProxy"),
    OLD_NETWORK("removeRulesOnExit", "remove it; rules end with the sandbox"),
};

const struct mxc_stranger *mxc_stranger_v1_0_0(const char *where, const char *name) {
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (strcmp(strangers[i].where, where) == 0 && strcmp(strangers[i].name, name) == 0)
            return &strangers[i];
    return NULL;
}
