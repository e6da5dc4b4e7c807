/* channel.h: the messages between host library, keeper and init. SOCK_SEQPACKET, one message a packet, fixed
 * size, little endian; anything else is answered by closing. What is long (argv, env, code) is a "command block": behind
 * its SPAWN in the same packet when it is short, else in a sealed memfd. Shared with the keeper: no pointers, no libc. */
#ifndef MXC_PLAN_CHANNEL_H
#define MXC_PLAN_CHANNEL_H

#include <stdint.h>

/* Descriptors the keeper is started with. Everything else is closed by it. */
enum {
    MXC_KEEPER_FD_CONTROL = 3, /* SEQPACKET to the host */
    MXC_KEEPER_FD_PLAN = 4,    /* sealed memfd */
};

#define MXC_KEEPER_FD_RELAY 5 /* the relay's program; only with a plan that has MXC_OP_RELAY */

#define MXC_KEEPER_ARGUMENT "pool" /* of a keeper that waits for MXC_MSG_BEGIN before it builds */

/* Descriptors the relay is started with: the socket to the keeper and the plan under the same numbers. Between the two
 * goes struct mxc_message (to the relay: LISTENERS, SYNC) and struct mxc_relay_packet of report/record.h (from it). */

enum mxc_message_kind {
    /* host -> keeper, keeper -> init */
    MXC_MSG_SPAWN = 1, /* id, flags, numbers; descriptors in the order of enum mxc_spawn_fd */
    MXC_MSG_SIGNAL,    /* id, a: signal; b: 1 for the whole tree */
    MXC_MSG_STOP,      /* id, a: grace ms: TERM to the tree, KILL after the grace */
    MXC_MSG_SHUTDOWN,  /* end everything now */
    /* keeper -> host */
    MXC_MSG_READY,  /* the walls stand. a to d: the host's ports of PUBLISH, in their order, 16 bits each */
    MXC_MSG_FAILED, /* a: enum mxc_stage; b: index of the plan op; c: errno; d: a detail of the op. Then EOF */
    /* init -> keeper (and its own first message with descriptors: MXC_MSG_BUILT) */
    MXC_MSG_BUILT, /* descriptors: folder of the new /proc, seccomp listener, outer mount namespace; a to d: its times, packed */
    MXC_MSG_STARTED, /* from a tender only: id, a: its pid inside */
    MXC_MSG_ENDED, /* id, flags: processes that were there, a: wait status; of the command's tree: b: CPU us, d: max rss KiB; c: when it was started, monotonic ns */
    MXC_MSG_NO_EXEC, /* id, a: errno; b: enum mxc_stage */
    /* init -> keeper -> relay */
    MXC_MSG_LISTENERS, /* descriptors: sockets made inside */
    /* keeper -> relay */
    MXC_MSG_SYNC,      /* say what there is to say, then MXC_RELAY_SYNCED */
    MXC_MSG_DIALERS,   /* init -> keeper -> relay. descriptors: unconnected sockets made inside */
    MXC_MSG_PUBLISHED, /* keeper -> relay. a: port inside; descriptor: the host's listener for it */
    /* host -> keeper -> relay: id: generation, a: bytes; descriptors: a sealed memfd with rules (network.h), and a socket
     * on which the relay says in one byte that they hold. End of file instead: they do not. */
    MXC_MSG_RULES,
    MXC_MSG_TREE, /* id, a: signal. Without namespaces: the keeper sends it to all descendants of the tender */
    /* host -> keeper of a pool, before anything else */
    MXC_MSG_BEGIN, /* build now. a: ms after which it ends itself when nobody has asked anything of it; 0: never. b: 1 when
                      PARK follows: then READY waits until that program is ready */
    /* keeper -> init: a: how many more of them; init -> keeper: descriptors: sockets made inside that are nothing yet */
    MXC_MSG_SPARES,
    MXC_MSG_DEMANDED, /* keeper -> relay. a: its place; descriptor: it listens now, whatever was in that place ends */
    MXC_MSG_PARK, /* descriptors: command block, work file, and the input file of a program that can be sent no descriptors.
                      Its program is executed now, with a SEQPACKET socket as descriptor 3 and these files behind it, says
                      MXC_PARKED_WARM there, and is given its work by the SPAWN of that id with MXC_SPAWN_PARKED. Also to init */
};

enum mxc_stage { /* where a start failed; the host turns it into status and words */
                 MXC_STAGE_NONE = 0,
                 MXC_STAGE_PLAN,     /* plan not well formed */
                 MXC_STAGE_KEEPER,   /* before the namespaces */
                 MXC_STAGE_CLONE,    /* making the namespaces */
                 MXC_STAGE_BUILD,    /* an op of the builder */
                 MXC_STAGE_CONFINE,  /* an op of init */
                 MXC_STAGE_VERIFY,   /* op VERIFY found something missing; d: enum mxc_check */
                 MXC_STAGE_COMMAND,  /* malformed command block or descriptors */
                 MXC_STAGE_CWD,      /* chdir */
                 MXC_STAGE_EXEC,     /* execve: ENOENT is "not found", the rest "not executable" */
                 MXC_STAGE_IDENTITY, /* a path is not what it was when the policy was read */
                 MXC_STAGE_RELAY,    /* the relay did not start */
                 MXC_STAGE_PARKED,   /* a program that was executed ahead ended before it was ready */
};

enum mxc_check { /* what VERIFY looks at */
                 MXC_CHECK_CAPABILITIES = 1,
                 MXC_CHECK_NO_NEW_PRIVS,
                 MXC_CHECK_SECCOMP,
                 MXC_CHECK_MOUNT_FLAGS,
                 MXC_CHECK_NAMESPACES,
                 MXC_CHECK_IDS,
                 MXC_CHECK_DESCRIPTORS,
                 MXC_CHECK_LANDLOCK,
};

enum mxc_spawn_fd { MXC_FD_STATUS, MXC_FD_BLOCK, MXC_FD_CAPTURE, MXC_FD_STDIN, MXC_FD_STDOUT, MXC_FD_STDERR };

enum mxc_spawn_flags {                        /* bits of `flags` of MXC_MSG_SPAWN */
                       MXC_SPAWN_LAST = 1,    /* the sandbox ends with this command */
                       MXC_SPAWN_CAPTURE = 2, /* MXC_FD_CAPTURE is there */
                       MXC_SPAWN_STDIN = 4,   /* MXC_FD_STDIN is there; else the keeper gives an empty one */
                       MXC_SPAWN_STDOUT = 8,  /* MXC_FD_STDOUT is there; else captured (with CAPTURE) or dropped */
                       MXC_SPAWN_STDERR = 16,
                       MXC_SPAWN_DROP_STDOUT =
                           32, /* MXC_STDIO_NULL: /dev/null even when the other stream is captured */
                       MXC_SPAWN_DROP_STDERR = 64,
                       MXC_SPAWN_BY_INIT = 128, /* keeper -> init only: init tends it itself and speaks of it on its own
                                                   socket; else a tender does, on a socket that comes with the message */
                       MXC_SPAWN_PARKED =
                           256, /* for the program of PARK, with LAST. There is no MXC_FD_BLOCK: the block is in
                                                   its work file, of d bytes */
                       MXC_SPAWN_EARLY = 512,   /* to that program: it may say MXC_PARKED_DONE */
                       MXC_SPAWN_INPUT = 1024,  /* to that program: its standard input is in its input file */
                       MXC_SPAWN_WITHIN = 2048, /* the block follows the message in its packet, d bytes. There is no
                                                   MXC_FD_BLOCK */
};
/* Present descriptors come in the order of enum mxc_spawn_fd, absent ones are left out. STATUS is always there, BLOCK but
 * for MXC_SPAWN_PARKED and MXC_SPAWN_WITHIN. */

/* The socket of a program of PARK: it says words of this form; it is sent one packet, the SPAWN, with stdin, stdout and
 * stderr where the flags say that they are there. With MXC_SPAWN_WITHIN its work file is empty. */
#define MXC_PARKED_FD 3
#define MXC_PARKED_FILES 2          /* at most, from the next descriptor on */
#define MXC_PARKED_WARM 0x5743584du /* "MXCW": it waits for its work */
#define MXC_PARKED_DONE 0x4443584du /* "MXCD": the work is done, `value` is the exit code, all output is written */
struct mxc_parked_word {
    uint32_t magic;
    uint32_t value;
};

struct mxc_message {
    uint32_t kind;
    uint32_t id; /* of the command, chosen by the host, unique in the sandbox, not 0 */
    uint32_t flags;
    uint32_t reserved; /* 0 */
    uint64_t a, b, c,
        d; /* SPAWN: a timeout ms (0 none), b grace ms, c captured bytes per stream, d bytes of a block that is no memfd */
};

#define MXC_COMMAND_SHORT_BYTES 8192 /* of a block that fits behind its message */
struct mxc_packet {
    struct mxc_message message;
    char block[MXC_COMMAND_SHORT_BYTES]; /* with MXC_SPAWN_WITHIN; as much of it as the message says is sent */
};
static inline uint64_t mxc_packet_block(const struct mxc_message *message) {
    return message->kind == MXC_MSG_SPAWN && (message->flags & MXC_SPAWN_WITHIN) ? message->d : 0;
}

#define MXC_COMMAND_MAGIC 0x4243584du /* "MXCB" */
#define MXC_COMMAND_MAX_BYTES (8u << 20)

/* The command block: header, then argc strings, envc strings, cwd, path (the PATH that argv[0] is looked up in),
 * each NUL-terminated, nothing after. cwd "" means: the first of the folders that exists, /tmp. */
struct mxc_command_block {
    uint32_t magic;
    uint32_t total_bytes;
    uint32_t argc;
    uint32_t envc;
    uint32_t cwd_required; /* 1: cwd must work or the start fails (STAGE_CWD); 0: fall back to /tmp */
    uint32_t reserved;
};

/* The capture area, a memfd made and mapped by the host and the keeper: for stdout, then for stderr,
 * `head_bytes` of head and `tail_bytes` of tail ring. head = tail = limit / 2. The record says how much is there. */
#define MXC_CAPTURE_HEAD(limit) ((limit) - (limit) / 2)
#define MXC_CAPTURE_TAIL(limit) ((limit) / 2)

#endif
