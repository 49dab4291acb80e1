# What the paper lacks: how sure the figures are, and what lies behind them.

COMPARED = {system for pair in CONFIG.comparisons for system in pair}


def question_scores(runs):
    """Scores of single questions of some systems and seeds."""
    return [f"{RESULTS}/systems/{name}/seed-{seed}/scores/questions.parquet" for name, seed in runs]


def teacher_sets():
    """Each set of two teachers or more that a student learns from: names, logits of each seed."""
    sets = {}
    for student in STUDENTS:
        distil = CONFIG.systems[student].distil
        for seed in CONFIG.seeds_of(student):
            runs = distil.teacher_runs(seed)
            named = (
                distil.teachers if distil.teacher_seeds is None else [f"{n}/{s}" for n, s in runs]
            )
            paths = sets.setdefault(tuple(named), [])
            if len(runs) > 1 and logits(runs) not in paths:
                paths.append(logits(runs))
    return [(names, paths) for names, paths in sets.items() if paths]


TEACHER_SETS = teacher_sets()
PAIRED = any(
    passage_language != question_language
    for _, _, passage_language, question_language in BENCHMARK_CELLS
)


rule comparisons:
    """Differences between systems with intervals, by paired bootstrap over questions."""
    input:
        question_scores([run for run in RUNS if run[0] in COMPARED]),
    output:
        table=report(
            "<results>/tables/comparisons.csv",
            caption="../report/comparisons.rst",
            category="Tables",
            labels={"table": "differences between systems, with intervals"},
        ),
        markdown="<results>/tables/comparisons.md",
    log:
        "<logs>/comparisons.log",
    benchmark:
        "<benchmarks>/comparisons.tsv"
    threads: 1
    resources:
        mem_mb=growing(8_000),
        runtime=growing(120),
    params:
        runs=json.dumps([run for run in RUNS if run[0] in COMPARED]),
        pairs=json.dumps(CONFIG.comparisons),
        code=code("comparisons.py"),
    message:
        "compare systems question by question"
    shell:
        "python workflow/scripts/comparisons.py --systems {RESULTS}/systems --runs {params.runs:q}"
        " --pairs {params.pairs:q} --table {output.table} --markdown {output.markdown}"
        " > {log} 2>&1"


rule gxlt:
    """MLQA's passages and questions in all languages: which of the two matters more?"""
    input:
        SCORE_FILES,
    output:
        table=report(
            "<results>/tables/gxlt.csv",
            caption="../report/gxlt.rst",
            category="Tables",
            labels={"table": "passage × question language"},
        ),
        variance=report(
            "<results>/tables/gxlt_variance.csv",
            caption="../report/gxlt.rst",
            category="Tables",
            labels={"table": "variance by passage and question language"},
        ),
        markdown="<results>/tables/gxlt.md",
        figure=report(
            "<results>/figures/gxlt.svg",
            caption="../report/gxlt.rst",
            category="Figures",
            labels={"figure": "passage × question language"},
        ),
    log:
        "<logs>/gxlt.log",
    benchmark:
        "<benchmarks>/gxlt.tsv"
    threads: 1
    resources:
        mem_mb=growing(4_000),
        runtime=growing(30),
    params:
        runs=json.dumps(RUNS),
        cells=json.dumps(BENCHMARK_CELLS),
        code=code("gxlt.py"),
    message:
        "passage language against question language"
    shell:
        "python workflow/scripts/gxlt.py --systems {RESULTS}/systems --runs {params.runs:q}"
        " --cells {params.cells:q} --table {output.table} --variance {output.variance}"
        " --markdown {output.markdown} --figure {output.figure} > {log} 2>&1"


rule answers:
    """Boundaries of wrong predictions; scores by the answer's type and length."""
    input:
        question_scores(RUNS),
    output:
        boundaries=report(
            "<results>/tables/boundaries.csv",
            caption="../report/boundaries.rst",
            category="Tables",
            labels={"table": "boundaries"},
        ),
        kinds=report(
            "<results>/tables/answers.csv",
            caption="../report/answers.rst",
            category="Tables",
            labels={"table": "types and lengths of answers"},
        ),
        markdown="<results>/tables/answers.md",
        boundary_figure=report(
            "<results>/figures/boundaries.svg",
            caption="../report/boundaries.rst",
            category="Figures",
            labels={"figure": "boundaries"},
        ),
        kinds_figure=report(
            "<results>/figures/answers.svg",
            caption="../report/answers.rst",
            category="Figures",
            labels={"figure": "types and lengths of answers"},
        ),
    log:
        "<logs>/answers.log",
    benchmark:
        "<benchmarks>/answers.tsv"
    threads: 1
    resources:
        mem_mb=growing(8_000),
        runtime=growing(60),
    params:
        runs=json.dumps(RUNS),
        code=code("answers.py"),
    message:
        "boundaries of wrong predictions, scores by type and length of the answer"
    shell:
        "python workflow/scripts/answers.py --systems {RESULTS}/systems --runs {params.runs:q}"
        " --boundaries {output.boundaries} --kinds {output.kinds} --markdown {output.markdown}"
        " --boundary-figure {output.boundary_figure} --kinds-figure {output.kinds_figure}"
        " > {log} 2>&1"


rule teacher_weights:
    """Where the weights of Eq. 7 go, and whether they trust the teacher who is right."""
    input:
        windows=windows_of(["union"]),
        logits=[path for _, seeds in TEACHER_SETS for paths in seeds for path in paths],
    output:
        table=report(
            "<results>/tables/teacher_weights.csv",
            caption="../report/teacher_weights.rst",
            category="Tables",
            labels={"table": "teacher weights"},
        ),
        agreement=report(
            "<results>/tables/teacher_agreement.csv",
            caption="../report/teacher_weights.rst",
            category="Tables",
            labels={"table": "weight on the right teachers"},
        ),
        markdown="<results>/tables/teacher_weights.md",
        figure=report(
            "<results>/figures/teacher_weights.svg",
            caption="../report/teacher_weights.rst",
            category="Figures",
            labels={"figure": "teacher weights"},
        ),
    log:
        "<logs>/teacher_weights.log",
    benchmark:
        "<benchmarks>/teacher_weights.tsv"
    threads: 1
    resources:
        mem_mb=growing(16_000),
        runtime=growing(240),
    params:
        sets=json.dumps(TEACHER_SETS),
        code=code("teacher_weights.py"),
    message:
        "how the impurity weights fall"
    shell:
        "python workflow/scripts/teacher_weights.py --windows {input.windows}"
        " --sets {params.sets:q} --table {output.table} --agreement {output.agreement}"
        " --markdown {output.markdown} --figure {output.figure} > {log} 2>&1"


rule plot_recovery:
    """What became of the answers in translation."""
    input:
        recovery=expand("<results>/translation/{language}.recovery.json", language=TARGETS),
        found=expand("<results>/translation/{language}.recovered.parquet", language=TARGETS),
    output:
        figure=report(
            "<results>/figures/recovery.svg",
            caption="../report/recovery.rst",
            category="Data",
            labels={"figure": "answers recovered in translation"},
        ),
        markdown="<results>/tables/recovery.md",
    log:
        "<logs>/plot_recovery.log",
    benchmark:
        "<benchmarks>/plot_recovery.tsv"
    threads: 1
    resources:
        mem_mb=growing(4_000),
        runtime=growing(30),
    params:
        code=code("plot_recovery.py"),
    message:
        "what became of the answers in translation"
    shell:
        "python workflow/scripts/plot_recovery.py --recovery {input.recovery}"
        " --found {input.found} --figure {output.figure} --markdown {output.markdown}"
        " > {log} 2>&1"


rule plot_losses:
    """How each system learned."""
    input:
        [f"{RESULTS}/systems/{name}/seed-{seed}/metrics.jsonl" for name, seed in RUNS],
    output:
        figure=report(
            "<results>/figures/training.svg",
            caption="../report/training.rst",
            category="Training",
            labels={"figure": "training curves"},
        ),
    log:
        "<logs>/plot_losses.log",
    benchmark:
        "<benchmarks>/plot_losses.tsv"
    threads: 1
    resources:
        mem_mb=growing(4_000),
        runtime=growing(30),
    params:
        runs=json.dumps(RUNS),
        code=code("plot_losses.py"),
    message:
        "losses of every system over training"
    shell:
        "python workflow/scripts/plot_losses.py --systems {RESULTS}/systems --runs {params.runs:q}"
        " --figure {output.figure} > {log} 2>&1"
