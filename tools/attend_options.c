/* SPDX-License-Identifier: MIT */
/* attend_options.c - what the command line of `heed attend` asks for. */
#include "attend_options.h"

#include <getopt.h>
#include <string.h>

#include "number.h"

const char attend_usage[] =
    "Usage: heed attend [OPTION...] [\"A SENTENCE\"]\n"
    "\n"
    "Shows self-attention on a sentence, step by step.  Without a sentence: the\n"
    "built-in example \"Dream big and work for it\".\n"
    "\n"
    "  --query WORD          show only this word as query (default: every word)\n"
    "  --normalize WHAT      softmax (default), or sum: x / sum(x)\n"
    "  --scale X             multiply the scores by X before normalising (default:\n"
    "                        1, with weights 1/sqrt of their columns)\n"
    "  --causal              a word sees itself and the words before it\n"
    "  --embeddings FILE     word vectors: lines `word v1 v2 ...` as of GloVe, of\n"
    "                        word2vec and fastText in text (default: the example's)\n"
    "  --weights FILE        projection weights: lines `Wq`, `Wk`, `Wv`, each before\n"
    "                        its matrix, a row per embedding dimension; # begins a\n"
    "                        comment; \"example\": the built-in ones\n"
    "  --type NAME           round keys and values to f32 (default), f16, bf16, i8 or\n"
    "                        f8 (E4M3), those of 8 bits with a scale for each word;\n"
    "                        queries and contexts to the same, of 8 bits f32\n"
    "  --isa NAME            compute with the kernels of this instruction set\n"
    "  --html FILE           also write a page for a browser\n"
    "  --json                print one JSON object instead of tables\n"
    "  --help                print this\n";

enum { QUERY = 1, NORMALIZE, SCALE, CAUSAL, EMBEDDINGS, WEIGHTS, TYPE, ISA, HTML, JSON, HELP };

static const struct option long_options[] = {
    {"query", required_argument, NULL, QUERY},
    {"normalize", required_argument, NULL, NORMALIZE},
    {"scale", required_argument, NULL, SCALE},
    {"causal", no_argument, NULL, CAUSAL},
    {"embeddings", required_argument, NULL, EMBEDDINGS},
    {"weights", required_argument, NULL, WEIGHTS},
    {"type", required_argument, NULL, TYPE},
    {"isa", required_argument, NULL, ISA},
    {"html", required_argument, NULL, HTML},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, HELP},
    {0},
};

static bool parse_normalization(const char *name, enum normalization *normalization)
{
    if (!strcmp(name, "softmax"))
        *normalization = NORMALIZE_SOFTMAX;
    else if (!strcmp(name, "sum"))
        *normalization = NORMALIZE_SUM;
    else
        complain("--normalize knows softmax and sum, not \"%s\"", name);
    return !strcmp(name, "softmax") || !strcmp(name, "sum");
}

static bool parse_scale(const char *text, float *scale)
{
    if (number_parse(text, scale) && *scale != 0)
        return true;
    complain("--scale needs a finite number other than 0, with a decimal point: \"%s\" %s", text,
             number_end(text) ? "is 0 or too large as a float" : number_fault(text));
    return false;
}

static bool take(struct attend_options *o, int option)
{
    switch (option) {
    case QUERY:
        o->query = optarg;
        return true;
    case NORMALIZE:
        return parse_normalization(optarg, &o->normalization);
    case SCALE:
        return parse_scale(optarg, &o->scale);
    case CAUSAL:
        return o->causal = true;
    case EMBEDDINGS:
        o->embeddings = optarg;
        return true;
    case WEIGHTS:
        o->weights = optarg;
        return true;
    case TYPE:
        return type_choose(optarg, &o->type);
    case ISA:
        return (o->isa = isa_choose(optarg));
    case HTML:
        o->html = optarg;
        return true;
    case JSON:
        return o->json = true;
    case HELP:
        return o->help = true;
    default:
        return false; /* getopt_long() has said why */
    }
}

bool attend_options_parse(struct attend_options *o, int argc, char **argv)
{
    *o = (struct attend_options){0};
    for (int option;
         !o->help && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (!take(o, option))
            return false;
    }
    if (o->help)
        return true;
    if (argc - optind > 1) {
        complain("unexpected \"%s\": put the sentence in quotes", argv[optind + 1]);
        return false;
    }
    o->sentence = argv[optind]; /* or the NULL that ends argv */
    return o->isa || (o->isa = isa_choose(NULL));
}
