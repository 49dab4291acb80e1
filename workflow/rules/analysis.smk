# Beyond the paper: significance of the scores, and what explains them.


rule compare_systems:
    """Differences between systems with intervals, by a paired bootstrap over passages and seeds."""
    input:
        question_score_files(COMPARED_RUNS),
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
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8_000),
        runtime=scaled_by_attempt(120),
    params:
        results=results_folder,
        runs=json.dumps(COMPARED_RUNS),
        pairs=json.dumps(CONFIG.comparisons),
        code=code_of("compare_systems.py"),
    message:
        "compare systems question by question"
    shell:
        "stage compare_systems.py --systems {params.results:q}/systems --runs {params.runs:q}"
        " --pairs {params.pairs:q} --table {output.table:q} --markdown {output.markdown:q}"
        " > {log:q} 2>&1"


rule analyse_language_pairs:
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
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4_000),
        runtime=scaled_by_attempt(30),
    params:
        results=results_folder,
        runs=json.dumps(RUNS),
        cells=json.dumps(BENCHMARK_CELLS),
        code=code_of("analyse_language_pairs.py"),
    message:
        "passage language against question language"
    shell:
        "stage analyse_language_pairs.py --systems {params.results:q}/systems --runs {params.runs:q}"
        " --cells {params.cells:q} --table {output.table:q} --variance {output.variance:q}"
        " --markdown {output.markdown:q} --figure {output.figure:q} > {log:q} 2>&1"


rule analyse_answers:
    """Boundaries of wrong predictions; scores by the answer's type and length."""
    input:
        question_score_files(RUNS),
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
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8_000),
        runtime=scaled_by_attempt(60),
    params:
        results=results_folder,
        runs=json.dumps(RUNS),
        code=code_of("analyse_answers.py"),
    message:
        "boundaries of wrong predictions, scores by type and length of the answer"
    shell:
        "stage analyse_answers.py --systems {params.results:q}/systems --runs {params.runs:q}"
        " --boundaries {output.boundaries:q} --kinds {output.kinds:q} --markdown {output.markdown:q}"
        " --boundary-figure {output.boundary_figure:q} --kinds-figure {output.kinds_figure:q}"
        " > {log:q} 2>&1"


rule analyse_teacher_weights:
    """The weights of Eq. 7, and whether they favour the teacher that is right."""
    input:
        windows=window_files(["union"]),
        logits=[file for _, seeds in TEACHER_SETS for runs in seeds for file in logit_files(runs)],
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
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(16_000),
        runtime=scaled_by_attempt(240),
    params:
        results=results_folder,
        sets=json.dumps(TEACHER_SETS),
        code=code_of("analyse_teacher_weights.py"),
    message:
        "how the impurity weights fall"
    shell:
        "stage analyse_teacher_weights.py --windows {input.windows:q}"
        " --systems {params.results:q}/systems --sets {params.sets:q} --table {output.table:q}"
        " --agreement {output.agreement:q} --markdown {output.markdown:q} --figure {output.figure:q}"
        " > {log:q} 2>&1"


rule plot_recovery:
    """How the answers were recovered or lost in translation."""
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
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4_000),
        runtime=scaled_by_attempt(30),
    params:
        code=code_of("plot_recovery.py"),
    message:
        "what became of the answers in translation"
    shell:
        "stage plot_recovery.py --recovery {input.recovery:q} --found {input.found:q}"
        " --figure {output.figure:q} --markdown {output.markdown:q} > {log:q} 2>&1"


rule plot_losses:
    """Training curves of each system."""
    input:
        [f"<results>/systems/{name}/seed-{seed}/metrics.jsonl" for name, seed in RUNS],
        DEV_SCORES,
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
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4_000),
        runtime=scaled_by_attempt(30),
    params:
        results=results_folder,
        runs=json.dumps(RUNS),
        on_dev=json.dumps(RUNS_ON_DEV),
        code=code_of("plot_losses.py"),
    message:
        "losses of every system over training"
    shell:
        "stage plot_losses.py --systems {params.results:q}/systems --runs {params.runs:q}"
        " --on-dev {params.on_dev:q} --figure {output.figure:q} > {log:q} 2>&1"
