from tortoise import migrations

class Migration(migrations.Migration):
    dependencies = [("settlement", "0005_settling_rules")]

    operations = []
