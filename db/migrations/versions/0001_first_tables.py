"""first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# The annotation log is append-only; only what came by an import that never completed may be taken back.
_SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER annotations_refuse_update BEFORE UPDATE ON annotations
    BEGIN SELECT RAISE(ABORT, 'annotations are append-only'); END
    """,
    """
    CREATE TRIGGER annotations_refuse_delete BEFORE DELETE ON annotations
    WHEN OLD.import_id IS NULL
      OR EXISTS (SELECT 1 FROM imports WHERE id = OLD.import_id AND completed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'annotations are append-only'); END
    """,
)
_POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION annotations_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND OLD.import_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM imports WHERE id = OLD.import_id AND completed_at IS NOT NULL) THEN
        RETURN OLD;
      END IF;
      RAISE EXCEPTION 'annotations are append-only';
    END $$
    """,
    """
    CREATE TRIGGER annotations_append_only BEFORE UPDATE OR DELETE ON annotations
    FOR EACH ROW EXECUTE FUNCTION annotations_append_only()
    """,
)


def upgrade() -> None:
    op.create_table(
        "llm_answers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_llm_answers")),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("name", name=op.f("uq_projects_name")),
    )
    op.create_table(
        "guidelines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_guidelines_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidelines")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_guidelines_project_id_version")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("cleaning", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("process", sa.String(length=255), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_imports_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_project_id"), "imports", ["project_id"], unique=False)
    op.create_table(
        "label_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_label_sets_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_sets")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_label_sets_project_id_version")),
    )
    op.create_table(
        "project_settings",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_settings_project_id_projects")),
        sa.PrimaryKeyConstraint("project_id", "key", name=op.f("pk_project_settings")),
    )
    op.create_table(
        "promotions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("model_name", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("previous_version", sa.String(length=32), nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("snapshot", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_promotions_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )
    op.create_index(op.f("ix_promotions_project_id"), "promotions", ["project_id"], unique=False)
    op.create_table(
        "queues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("strategy", sa.String(length=64), nullable=False),
        sa.Column("model_version", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_queues_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queues")),
    )
    op.create_index(op.f("ix_queues_project_id"), "queues", ["project_id"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_snapshots_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
        sa.UniqueConstraint("project_id", "fingerprint", name=op.f("uq_snapshots_project_id_fingerprint")),
    )
    op.create_table(
        "records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("original_text", sa.Text(), nullable=True),
        sa.Column("text_key", sa.String(length=32), nullable=False),
        sa.Column("group", sa.String(length=255), nullable=True),
        sa.Column("category", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("blind_hash", sa.Integer(), nullable=False),
        sa.Column("half", sa.String(length=16), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_records_import_id_imports")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_records_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint("project_id", "external_id", name=op.f("uq_records_project_id_external_id")),
    )
    op.create_index(op.f("ix_records_import_id"), "records", ["import_id"], unique=False)
    op.create_index(op.f("ix_records_project_id_id"), "records", ["project_id", "id"], unique=False)
    op.create_index(op.f("ix_records_project_id_group"), "records", ["project_id", "group"], unique=False)
    op.create_index(op.f("ix_records_project_id_text_key"), "records", ["project_id", "text_key"], unique=False)
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=True),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("shown", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("undoes", sa.String(length=64), nullable=True),
        sa.Column("label_set_version", sa.Integer(), nullable=False),
        sa.Column("guideline_version", sa.Integer(), nullable=False),
        sa.Column("prediction_id", sa.String(length=128), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("annotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_annotations_import_id_imports")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_annotations_project_id_projects")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_annotations_record_id_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotations")),
        sa.UniqueConstraint("client_id", name=op.f("uq_annotations_client_id")),
    )
    op.create_index(op.f("ix_annotations_import_id"), "annotations", ["import_id"], unique=False)
    op.create_index(op.f("ix_annotations_project_id_person"), "annotations", ["project_id", "person"], unique=False)
    op.create_index(op.f("ix_annotations_record_id"), "annotations", ["record_id"], unique=False)
    op.create_index(
        op.f("ix_annotations_undoes"),
        "annotations",
        ["undoes"],
        unique=False,
        sqlite_where=sa.text("undoes IS NOT NULL"),
        postgresql_where=sa.text("undoes IS NOT NULL"),
    )
    op.create_table(
        "leases",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_leases_record_id_records")),
        sa.PrimaryKeyConstraint("record_id", "person", name=op.f("pk_leases")),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=True),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("probabilities", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("on_list", sa.Boolean(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("trace_id", sa.String(length=64), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_proposals_import_id_imports")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_proposals_project_id_projects")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_proposals_record_id_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("record_id", "source", "version", name=op.f("uq_proposals_record_id_source_version")),
    )
    op.create_index(op.f("ix_proposals_import_id"), "proposals", ["import_id"], unique=False)
    op.create_index(op.f("ix_proposals_project_id_stage"), "proposals", ["project_id", "stage"], unique=False)
    op.create_table(
        "queue_items",
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["queues.id"], name=op.f("fk_queue_items_queue_id_queues")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_queue_items_record_id_records")),
        sa.PrimaryKeyConstraint("queue_id", "record_id", name=op.f("pk_queue_items")),
    )
    op.create_index(
        op.f("ix_queue_items_queue_id_open_position"), "queue_items", ["queue_id", "open", "position"], unique=False
    )
    op.create_index(op.f("ix_queue_items_record_id"), "queue_items", ["record_id"], unique=False)
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_queue_items_record_id"), table_name="queue_items")
    op.drop_index(op.f("ix_queue_items_queue_id_open_position"), table_name="queue_items")
    op.drop_table("queue_items")
    op.drop_index(op.f("ix_proposals_project_id_stage"), table_name="proposals")
    op.drop_index(op.f("ix_proposals_import_id"), table_name="proposals")
    op.drop_table("proposals")
    op.drop_table("leases")
    op.drop_index(
        op.f("ix_annotations_undoes"),
        table_name="annotations",
        sqlite_where=sa.text("undoes IS NOT NULL"),
        postgresql_where=sa.text("undoes IS NOT NULL"),
    )
    op.drop_index(op.f("ix_annotations_record_id"), table_name="annotations")
    op.drop_index(op.f("ix_annotations_project_id_person"), table_name="annotations")
    op.drop_index(op.f("ix_annotations_import_id"), table_name="annotations")
    op.drop_table("annotations")
    op.drop_index(op.f("ix_records_project_id_text_key"), table_name="records")
    op.drop_index(op.f("ix_records_project_id_id"), table_name="records")
    op.drop_index(op.f("ix_records_project_id_group"), table_name="records")
    op.drop_index(op.f("ix_records_import_id"), table_name="records")
    op.drop_table("records")
    op.drop_table("snapshots")
    op.drop_index(op.f("ix_queues_project_id"), table_name="queues")
    op.drop_table("queues")
    op.drop_index(op.f("ix_promotions_project_id"), table_name="promotions")
    op.drop_table("promotions")
    op.drop_table("project_settings")
    op.drop_table("label_sets")
    op.drop_index(op.f("ix_imports_project_id"), table_name="imports")
    op.drop_table("imports")
    op.drop_table("guidelines")
    op.drop_table("projects")
    op.drop_table("llm_answers")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION annotations_append_only()")
