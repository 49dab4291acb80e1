# `snakemake sweep`: one student in many settings, scored on dev data only. The rules are those of
# the tables' systems, with a point of the grid in place of a system.

from itertools import product

SWEEP = CONFIG.sweep.points() if CONFIG.sweep else {}
SWEEP_CELLS = CONFIG.sweep_cells()
SWEPT = "<results>/sweep/{system}/seed-{seed}"


if CONFIG.sweep:
    SWEPT_STUDENT = CONFIG.systems[CONFIG.sweep.student].distil
    SWEEP_SEEDS = CONFIG.seeds_of(CONFIG.sweep.student)
    SWEEP_SPLIT = (CONFIG.sweep.benchmark, CONFIG.sweep.split)
    SWEEP_ON_DEV = CONFIG.sweep.student in ON_DEV

    use rule distil_student as sweep_distil_student with:
        input:
            windows=window_files([SWEPT_STUDENT.on]),
            logits=lambda wildcards: logit_files(teachers_of(CONFIG.sweep.student, wildcards.seed)),
            backbone=checkpoint_input(CONFIG.backbone),
        output:
            model=(
                temp(directory(f"{SWEPT}/candidates"))
                if SWEEP_ON_DEV
                else directory(f"{SWEPT}/model")
            ),
            metrics=f"{SWEPT}/metrics.jsonl",
            manifest=f"{SWEPT}/training.manifest.json" if SWEEP_ON_DEV else f"{SWEPT}/manifest.json",
        log:
            "<logs>/sweep/distil/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/sweep/distil/{system}.seed-{seed}.tsv"
        wildcard_constraints:
            system=one_of(SWEEP),
        params:
            training=optimisation_settings,
            distillation=lambda wildcards: json.dumps(SWEEP[wildcards.system]),
            teachers=lambda wildcards: json.dumps(teachers_of(CONFIG.sweep.student, wildcards.seed)),
            backbone=checkpoint_identity(CONFIG.backbone),
            code=code_of("distil_student.py"),
        message:
            "sweep: distil {wildcards.system} (seed {wildcards.seed})"

    if SWEEP_ON_DEV:

        use rule select_checkpoint as sweep_select_checkpoint with:
            input:
                candidates=ancient(f"{SWEPT}/candidates"),
                trained=f"{SWEPT}/training.manifest.json",
                windows=ancient(DEV_WINDOWS),
                cut=f"<results>/manifests/windows.dev.{DEV_BENCHMARK}.{DEV_SPLIT}.json",
                dataset=[benchmark_file(*cell) for cell in DEV_CELLS],
            output:
                model=directory(f"{SWEPT}/model"),
                scores=f"{SWEPT}/dev.jsonl",
                manifest=f"{SWEPT}/manifest.json",
            log:
                "<logs>/sweep/select/{system}.seed-{seed}.log",
            benchmark:
                "<benchmarks>/sweep/select/{system}.seed-{seed}.tsv"
            wildcard_constraints:
                system=one_of(SWEEP),
            message:
                "sweep: choose a checkpoint of {wildcards.system} (seed {wildcards.seed}) on dev data"

    use rule answer_benchmarks as sweep_answer_benchmarks with:
        input:
            model=ancient(f"{SWEPT}/model"),
            trained=f"{SWEPT}/manifest.json",
            windows="<results>/windows/benchmarks/{}.{}.arrow".format(*SWEEP_SPLIT),
            files=[benchmark_file(*cell) for cell in SWEEP_CELLS],
            # the grid has enough jobs: none is split into shards
            shards=[],
            shard_manifests=[],
        output:
            predictions=cell_files(f"{SWEPT}/predictions", SWEEP_CELLS),
            manifest=f"{SWEPT}/predictions.manifest.json",
        log:
            "<logs>/sweep/predict/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/sweep/predict/{system}.seed-{seed}.tsv"
        wildcard_constraints:
            system=one_of(SWEEP),
        resources:
            mem_mb=scaled_by_attempt(16_000),
            runtime=scaled_by_attempt(480),
            gpu=GPUS,
            device=CONFIG.device.kind,
        params:
            benchmarks=json.dumps([SWEEP_SPLIT]),
            decoding=as_json(CONFIG.decoding),
            code=code_of("answer_benchmarks.py"),
        message:
            "sweep: {wildcards.system} (seed {wildcards.seed}) answers the dev questions"

    use rule score_answers as sweep_score_answers with:
        input:
            predictions=cell_files(f"{SWEPT}/predictions", SWEEP_CELLS),
            files=[benchmark_file(*cell) for cell in SWEEP_CELLS],
        output:
            scores=cell_files(f"{SWEPT}/scores", SWEEP_CELLS),
            questions=f"{SWEPT}/scores/questions.parquet",
        log:
            "<logs>/sweep/score/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/sweep/score/{system}.seed-{seed}.tsv"
        wildcard_constraints:
            system=one_of(SWEEP),
        message:
            "sweep: score {wildcards.system} (seed {wildcards.seed})"

    rule rank_sweep:
        """Dev scores of every point of the grid, best in the source language first."""
        input:
            score_files("<results>/sweep", product(SWEEP, SWEEP_SEEDS), SWEEP_CELLS),
        output:
            table="<results>/sweep/sweep.csv",
            markdown="<results>/sweep/sweep.md",
        log:
            "<logs>/sweep/table.log",
        benchmark:
            "<benchmarks>/sweep/table.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(4_000),
            runtime=scaled_by_attempt(30),
        params:
            points=json.dumps(SWEEP),
            source=SOURCE,
            student=CONFIG.sweep.student,
            code=code_of("rank_sweep.py"),
        message:
            "sweep: which settings are best on dev data"
        shell:
            "stage rank_sweep.py --scores {input:q} --points {params.points:q}"
            " --source {params.source} --student {params.student} --table {output.table:q}"
            " --markdown {output.markdown:q} > {log:q} 2>&1"

    rule sweep:
        """Try the student in all settings of the grid, and show the scores."""
        input:
            "<results>/sweep/sweep.md",
        localrule: True
        conda:
            "../../environment.yml"
        message:
            "{input}"
        shell:
            "cat {input:q}"
